package io.fundamentallm.runtime.cpu.kernels.onednn;

import org.jspecify.annotations.Nullable;

/** Why oneDNN cannot be used. */
public final class OneDnnUnavailableException extends Exception {
  private static final long serialVersionUID = 1;

  private final boolean absent;
  private final String reason;

  /**
   * An exception.
   *
   * @param absent whether its bindings are simply not there
   * @param reason and what to do
   */
  public OneDnnUnavailableException(boolean absent, String reason, @Nullable Throwable cause) {
    super(reason, cause);
    this.absent = absent;
    this.reason = reason;
  }

  /** Whether its bindings are simply not there. */
  public boolean absent() {
    return absent;
  }

  /** The message. */
  public String reason() {
    return reason;
  }
}
