// Starts Swagger UI on our own description; it would ask a validator elsewhere if it were let.
window.SwaggerUIBundle({
  url: document.getElementById("swagger-ui").dataset.source,
  dom_id: "#swagger-ui",
  deepLinking: true,
  validatorUrl: null,
  defaultModelsExpandDepth: 0,
  docExpansion: "list",
});
