// Inside WeChat: its own window asks for the password and pays. What it says settles nothing; the
// page goes on asking the server.
(() => {
  "use strict";
  const when = (act) => window.WeixinJSBridge ? act() : document.addEventListener("WeixinJSBridgeReady", act, { once: true });
  const pay = (button) => when(() => {
    button.disabled = true;
    window.WeixinJSBridge.invoke("getBrandWCPayRequest", JSON.parse(button.dataset.wechatPay), (answer) => {
      const said = document.querySelector("[data-wechat-said]");
      button.disabled = false;
      if (said) said.hidden = !/:fail/.test(answer.err_msg);
    });
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-wechat-pay]");
    if (button) pay(button);
  });
  // By itself once for each payment: who closed the window opens it again by the button.
  const first = document.querySelector("[data-wechat-pay]");
  if (first && sessionStorage.getItem("wechat_pay") !== first.dataset.wechatPay) {
    sessionStorage.setItem("wechat_pay", first.dataset.wechatPay);
    pay(first);
  }
})();
