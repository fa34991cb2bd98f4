package io.fundamentallm.webservice.error;

/**
 * What is told of an error to logs and spans: its class and where it was thrown. Its message, and
 * those of its causes, may quote a conversation.
 */
public final class RequestFailure extends RuntimeException {
  private static final long serialVersionUID = 1;

  public RequestFailure(Throwable error) {
    super(error.getClass().getName());
    setStackTrace(error.getStackTrace());
  }
}
