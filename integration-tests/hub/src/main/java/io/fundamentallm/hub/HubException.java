package io.fundamentallm.hub;

import java.io.IOException;

/**
 * The hub refused a request. Its message says what to do; callers that want to tell cases apart ask
 * for the {@link #status} and the {@link #code}.
 */
public final class HubException extends IOException {
  private static final long serialVersionUID = 1;

  private final int status;
  private final String code;

  HubException(String message, int status, String code) {
    super(message);
    this.status = status;
    this.code = code;
  }

  /** The status of the answer, such as 404; 0 where there was no request. */
  public int status() {
    return status;
  }

  /**
   * The hub's name for what is wrong, its header {@code X-Error-Code}: {@code RepoNotFound}, {@code
   * RevisionNotFound}, {@code EntryNotFound}, {@code GatedRepo}; empty where it gave none.
   */
  public String code() {
    return code;
  }
}
