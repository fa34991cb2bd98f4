package io.fundamentallm.concepts;

import java.util.Locale;

/**
 * One measurement, drawn.
 *
 * @param name of the file, without its ending
 * @param svg the drawing
 * @param caption what it says in numbers; stands word for word in the page
 */
record Figure(String name, String svg, String caption) {
  /** A sentence with numbers, which look the same everywhere. */
  static String say(String format, Object... numbers) {
    return String.format(Locale.ROOT, format, numbers);
  }
}
