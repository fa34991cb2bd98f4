package io.fundamentallm.chat;

import io.fundamentallm.internal.chat.Marker;

/** A call as a name with arguments behind it, and whatever the notation puts between them. */
final class NamedCall implements CallReader {
  private final CallListener listener;
  private final ArgumentReader reader;
  private final char opening;
  private final StringBuilder name = new StringBuilder();
  private final StringBuilder arguments = new StringBuilder();
  private boolean named;
  private boolean begun;

  /**
   * Before the name.
   *
   * @param opening the first character of the arguments
   */
  NamedCall(CallListener listener, ArgumentReader reader, char opening) {
    this.listener = listener;
    this.reader = reader;
    this.opening = opening;
  }

  /** Whether a character can be part of a name. */
  static boolean isNamePart(char c, char kind) {
    return kind == Marker.TEXT
        && (Character.isLetterOrDigit(c) || c == '_' || c == '-' || c == '.');
  }

  @Override
  public boolean append(char c, char kind) {
    if (!named) {
      if (isNamePart(c, kind)) {
        name.append(c);
        return false;
      }
      named = true;
      listener.begin(name.toString());
    }
    begun |= c == opening && kind == Marker.TEXT;
    if (!begun) {
      return false;
    }
    StringBuilder more = new StringBuilder();
    boolean complete = reader.append(c, kind, more);
    if (more.length() > 0) {
      arguments.append(more);
      listener.arguments(more.toString());
    }
    if (complete) {
      listener.end(name.toString(), arguments.toString());
    }
    return complete;
  }
}
