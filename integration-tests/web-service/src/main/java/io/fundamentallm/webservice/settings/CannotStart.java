package io.fundamentallm.webservice.settings;

import org.jspecify.annotations.Nullable;

/** The service cannot start; says why, and what to do. */
public final class CannotStart extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final String remedy;

  public CannotStart(String message, String remedy, @Nullable Throwable cause) {
    super(message, cause);
    this.remedy = remedy;
  }

  String remedy() {
    return remedy;
  }
}
