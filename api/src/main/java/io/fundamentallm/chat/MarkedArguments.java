package io.fundamentallm.chat;

import io.fundamentallm.internal.chat.Marker;
import java.util.ArrayDeque;
import java.util.Deque;

/** An object whose names have no quotes, and whose strings have a marker on both sides, as JSON. */
final class MarkedArguments implements ArgumentReader {
  private final Marker quote;
  private final Deque<Character> open = new ArrayDeque<>();
  private final StringBuilder pending = new StringBuilder();
  private final StringBuilder kinds = new StringBuilder();
  private final StringBuilder key = new StringBuilder();
  private boolean inKey;
  private boolean inString;
  private boolean complete;

  MarkedArguments(Marker quote) {
    this.quote = quote;
  }

  @Override
  public boolean append(char c, char kind, StringBuilder out) {
    pending.append(c);
    kinds.append(kind);
    while (pending.length() > 0) {
      if (!quote.agrees(pending, kinds)) {
        plain(pending.charAt(0), out);
        pending.deleteCharAt(0);
        kinds.deleteCharAt(0);
      } else if (pending.length() < quote.length()) {
        break;
      } else {
        pending.setLength(0);
        kinds.setLength(0);
        inString = !inString;
        if (!inKey) {
          out.append('"');
        }
      }
    }
    return complete;
  }

  private void plain(char c, StringBuilder out) {
    if (inString) {
      JsonText.append(c, inKey ? key : out);
    } else if (c == '{' || c == '[') {
      open.push(c);
      inKey = c == '{';
      out.append(c);
    } else if (c == '}' || c == ']') {
      open.pop();
      inKey = false;
      complete = open.isEmpty();
      out.append(c);
    } else if (c == ',') {
      inKey = open.getFirst() == '{';
      out.append(", ");
    } else if (c == ':' && inKey) {
      out.append('"').append(key).append("\": ");
      key.setLength(0);
      inKey = false;
    } else if (!Character.isWhitespace(c)) {
      (inKey ? key : out).append(c);
    }
  }
}
