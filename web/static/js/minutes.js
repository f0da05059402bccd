// The one thing of the minutes that needs a script: printing at a click.

const button = document.getElementById("print");
if (button) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
