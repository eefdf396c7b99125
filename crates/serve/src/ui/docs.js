// Sends what is in the field to the model chosen, and shows the answer as text.
"use strict";
(() => {
  const form = document.getElementById("trial");
  if (!form) return;
  const [model, body, answer] = ["model", "body", "answer"].map((id) => document.getElementById(id));
  const example = () => { body.value = model.selectedOptions[0].dataset.example; };
  const pretty = (text) => {
    try { return JSON.stringify(JSON.parse(text), null, 2); } catch { return text; }
  };
  model.addEventListener("change", example);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    answer.textContent = "…";
    try {
      const began = performance.now();
      const response = await fetch(`/v1/models/${encodeURIComponent(model.value)}:predict`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: body.value,
      });
      const text = await response.text();
      const took = (performance.now() - began).toFixed(1);
      answer.textContent = `${response.status} ${response.statusText}, ${took} ms\n\n${pretty(text)}`;
    } catch (error) {
      answer.textContent = `The server did not answer: ${error.message}`;
    }
  });
  example();
})();
