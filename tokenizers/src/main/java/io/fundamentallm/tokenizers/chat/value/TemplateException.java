package io.fundamentallm.tokenizers.chat.value;

import org.jspecify.annotations.Nullable;

/** What a template refuses, or what is wrong with it. */
public final class TemplateException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  private final boolean placed;

  /** An error without a place yet; the nearest statement adds its line. */
  public TemplateException(String message) {
    this(message, null, false);
  }

  private TemplateException(String message, @Nullable TemplateException cause, boolean placed) {
    super(message, cause);
    this.placed = placed;
  }

  /** The message of {@code raise_exception}: the template's own words and nothing else. */
  public static TemplateException raised(String message) {
    return new TemplateException(message, null, true);
  }

  public static TemplateException at(int line, String message) {
    return new TemplateException(message).at(line);
  }

  public TemplateException at(int line) {
    return placed
        ? this
        : new TemplateException("chat template, line " + line + ": " + getMessage(), this, true);
  }

  /** The same fault with the file that the template is from; its own words stay as they are. */
  public TemplateException in(String file) {
    boolean raised = placed && getCause() == null;
    return raised ? this : new TemplateException(getMessage() + " (" + file + ")", this, true);
  }
}
