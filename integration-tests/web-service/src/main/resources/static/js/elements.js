/** An element with its classes and its text. */
export function make(name, className, text = '') {
  const element = document.createElement(name);
  element.className = className;
  element.textContent = text;
  return element;
}

/**
 * Paints once in a frame, however often it is asked to. A fast model writes more pieces than a screen shows, and a page
 * that measured itself after each of them would not hear anybody who presses Stop.
 *
 * @param {() => void} paint
 * @returns {() => void} asks for it
 */
export function oncePerFrame(paint) {
  let asked = false;
  return () => {
    if (!asked) {
      asked = true;
      requestAnimationFrame(() => {
        asked = false;
        paint();
      });
    }
  };
}
