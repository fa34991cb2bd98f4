package io.fundamentallm.chat;

import io.fundamentallm.chat.AnswerLayout.Markers;
import io.fundamentallm.internal.chat.ChatSyntax;
import io.fundamentallm.internal.chat.Marker;
import io.fundamentallm.text.ChatTool;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads a section of calls, behind the marker that opens it. */
final class Calls {
  private final Markers markers;
  private final ChatSyntax syntax;
  private final List<ChatTool> tools;
  private final CallListener listener;
  private final StringBuilder pending = new StringBuilder();
  private final StringBuilder kinds = new StringBuilder();
  private @Nullable CallReader call;
  private boolean ended;

  Calls(Markers markers, AnswerLayout layout, CallListener listener) {
    this.markers = markers;
    this.syntax = layout.syntax();
    this.tools = layout.tools();
    this.listener = listener;
  }

  /** Begins another section. */
  void begin() {
    ended = false;
    call = null;
    drop(pending.length());
  }

  /** Takes a character; true if the section is over. */
  boolean append(char c, char kind) {
    CallReader reading = call;
    if (reading != null) {
      if (reading.append(c, kind)) {
        call = null;
        ended |= syntax.close().isEmpty() && syntax.separator().isEmpty();
      }
      return ended;
    }
    pending.append(c);
    kinds.append(kind);
    while (pending.length() > 0 && !ended && !isWaiting()) {
      between(pending.charAt(0), kinds.charAt(0));
    }
    return ended;
  }

  /**
   * Whether what is pending may become, or was, the end of the section or what a call begins with.
   */
  private boolean isWaiting() {
    Marker close = markers.close();
    if (close.length() > 0 && close.agrees(pending, kinds)) {
      ended = pending.length() >= close.length();
      return true;
    }
    Marker before = markers.before();
    if (syntax.call().isObject() || before.length() == 0 || !before.agrees(pending, kinds)) {
      return false;
    }
    if (pending.length() >= before.length()) {
      drop(pending.length());
      call = named();
    }
    return true;
  }

  private void between(char c, char kind) {
    drop(1);
    boolean named = !syntax.call().isObject() && markers.before().length() == 0;
    if (syntax.call().isObject() && c == '{') {
      call = new ObjectCall(listener);
    } else if (named && NamedCall.isNamePart(c, kind)) {
      call = named();
    } else if (c == ']' && syntax.array() && syntax.close().isEmpty()) {
      ended = true;
    }
    CallReader begun = call;
    if (begun != null) {
      begun.append(c, kind);
      String rest = pending.toString();
      String restKinds = kinds.toString();
      drop(rest.length());
      for (int i = 0; i < rest.length(); i++) {
        append(rest.charAt(i), restKinds.charAt(i));
      }
    }
  }

  private CallReader named() {
    return switch (syntax.call().values()) {
      case TAGGED ->
          new TaggedCall(markers, syntax.call().tags(), tools, listener, () -> ended = true);
      case JSON -> new NamedCall(listener, new JsonArguments(), '{');
      case PYTHON -> new NamedCall(listener, new PythonArguments(), '(');
      case MARKED -> new NamedCall(listener, new MarkedArguments(markers.quote()), '{');
    };
  }

  private void drop(int characters) {
    pending.delete(0, characters);
    kinds.delete(0, characters);
  }
}
