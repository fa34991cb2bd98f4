package io.fundamentallm.chat;

import java.util.Set;

/**
 * A call as a JSON object with a name and arguments, in any order: arguments before the name are
 * held back.
 */
final class ObjectCall implements CallReader {
  private static final Set<String> NAMES = Set.of("\"name\"", "\"tool_name\"");
  private static final Set<String> ARGUMENTS = Set.of("\"arguments\"", "\"parameters\"");

  private final CallListener listener;
  private final StringBuilder member = new StringBuilder();
  private final StringBuilder arguments = new StringBuilder();
  private String key = "";
  private String name = "";
  private int told;
  private int depth;
  private boolean inString;
  private boolean escaped;

  ObjectCall(CallListener listener) {
    this.listener = listener;
  }

  @Override
  public boolean append(char c, char kind) {
    boolean wasInString = inString;
    if (inString) {
      inString = escaped || c != '"';
      escaped = !escaped && c == '\\';
    } else if (c == '"') {
      inString = true;
    }
    if (!wasInString && !inString) {
      return structure(c);
    }
    take(c);
    return false;
  }

  private boolean structure(char c) {
    if (c == '{' || c == '[') {
      depth++;
      if (depth > 1) {
        take(c);
      }
    } else if (depth == 1 && c == ':' && key.isEmpty()) {
      key = member.toString();
      member.setLength(0);
    } else if (depth == 1 && c == ',') {
      endMember();
    } else if (c == '}' || c == ']') {
      depth--;
      if (depth == 0) {
        endMember();
        listener.end(name, arguments.toString());
        return true;
      }
      take(c);
    } else if (depth > 1 || !Character.isWhitespace(c)) {
      take(c);
    }
    return false;
  }

  private void take(char c) {
    if (ARGUMENTS.contains(key)) {
      arguments.append(c);
      tell();
    } else {
      member.append(c);
    }
  }

  private void endMember() {
    if (NAMES.contains(key) && member.length() > 1) {
      name = member.substring(1, member.length() - 1);
      listener.begin(name);
      tell();
    }
    member.setLength(0);
    key = "";
  }

  private void tell() {
    if (!name.isEmpty() && told < arguments.length()) {
      listener.arguments(arguments.substring(told));
      told = arguments.length();
    }
  }
}
