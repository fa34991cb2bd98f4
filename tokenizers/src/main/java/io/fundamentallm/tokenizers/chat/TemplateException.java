package io.fundamentallm.tokenizers.chat;

import org.jspecify.annotations.Nullable;

/** What a template refuses, or what is wrong with it. */
final class TemplateException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  private final boolean placed;

  /** An error without a place yet; the nearest statement adds its line. */
  TemplateException(String message) {
    this(message, null, false);
  }

  private TemplateException(String message, @Nullable TemplateException cause, boolean placed) {
    super(message, cause);
    this.placed = placed;
  }

  /** What {@code raise_exception} says: the template's own words and nothing else. */
  static TemplateException raised(String message) {
    return new TemplateException(message, null, true);
  }

  static TemplateException at(int line, String message) {
    return new TemplateException(message).at(line);
  }

  TemplateException at(int line) {
    return placed
        ? this
        : new TemplateException("chat template, line " + line + ": " + getMessage(), this, true);
  }
}
