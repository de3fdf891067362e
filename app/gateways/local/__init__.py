"""A small server that plays WeChat Pay, Alipay and Tencent SMS for the demo and the tests.

It speaks the real protocols with real signatures, written apart from the adapters (only
`cryptography` is common to both), so that a mistake in one of them shows.

    python -m app.gateways.local --port 8001 --state-dir var/gateway --database-url sqlite:///...

`server.create_gateway` builds it inside a process.
"""
