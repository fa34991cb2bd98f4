package io.fundamentallm.chat;

/** A JSON object, from its first brace to its last. */
final class JsonArguments implements ArgumentReader {
  private int depth;
  private boolean inString;
  private boolean escaped;

  @Override
  public boolean append(char c, char kind, StringBuilder out) {
    out.append(c);
    if (inString) {
      inString = escaped || c != '"';
      escaped = !escaped && c == '\\';
    } else if (c == '"') {
      inString = true;
    } else if (c == '{' || c == '[') {
      depth++;
    } else if (c == '}' || c == ']') {
      depth--;
    }
    return depth == 0 && !inString;
  }
}
