package io.fundamentallm.chat;

import io.fundamentallm.chat.AnswerLayout.Markers;
import io.fundamentallm.internal.chat.Marker;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads an answer character by character. What may still become a marker is pending; white space is
 * held back until it is known whether a marker follows.
 */
final class AnswerReader {
  /** Hears what was read. */
  interface Listener extends CallListener {
    /** More of the text. */
    void text(String more);

    /** More of the thinking. */
    void thinking(String more);
  }

  private enum Place {
    TEXT,
    THINKING,
    CALLS
  }

  private final Markers markers;
  private final AnswerLayout layout;
  private final Listener listener;
  private final StringBuilder pending = new StringBuilder();
  private final StringBuilder kinds = new StringBuilder();
  private final StringBuilder white = new StringBuilder();
  private final Calls calls;
  private Place place;

  /** Whether white space here belongs to what was before it. */
  private boolean afterMarker;

  /** Whether nothing but white space and thinking was read. */
  private boolean atStart = true;

  /** Whether a marker was read that ends a message's header: no call can be told in it any more. */
  private boolean behindHeader;

  /** The document that is the text, from its first character to its last; null outside. */
  private @Nullable JsonArguments document;

  private boolean documentBegan;

  /** Whether all that follows is text. */
  private boolean verbatim;

  AnswerReader(Markers markers, AnswerLayout layout, Listener listener) {
    this.markers = markers;
    this.layout = layout;
    this.listener = listener;
    calls = new Calls(markers, layout, listener);
    place = layout.thinks() && layout.thinking() ? Place.THINKING : Place.TEXT;
    afterMarker = place == Place.THINKING;
  }

  /** Takes a character. */
  void append(char c, char kind) {
    if (place == Place.CALLS) {
      if (calls.append(c, kind)) {
        place = Place.TEXT;
        afterMarker = true;
      }
      return;
    } else if (document != null) {
      inDocument(document, c, kind);
      return;
    } else if (verbatim) {
      plain(c, kind);
      return;
    }
    pending.append(c);
    kinds.append(kind);
    while (pending.length() > 0 && !isWaiting()) {
      char next = pending.charAt(0);
      char nextKind = kinds.charAt(0);
      drop(1);
      if (isBeginOfDocument(next, nextKind)) {
        beginDocument(next);
        return;
      }
      plain(next, nextKind);
      verbatim = layout.held() && place == Place.TEXT && !atStart;
      if (verbatim) {
        appendPending();
      }
    }
  }

  private boolean isBeginOfDocument(char c, char kind) {
    return layout.document()
        && !documentBegan
        && place == Place.TEXT
        && kind == Marker.TEXT
        && (c == '{' || c == '[' || c == '"');
  }

  private void beginDocument(char first) {
    documentBegan = true;
    plain(first, Marker.TEXT);
    JsonArguments begun = new JsonArguments();
    begun.append(first, Marker.TEXT, new StringBuilder());
    document = begun;
    appendPending();
  }

  /** Once a place was reached in which nothing is pending. */
  private void appendPending() {
    String rest = pending.toString();
    String restKinds = kinds.toString();
    drop(rest.length());
    for (int i = 0; i < rest.length(); i++) {
      append(rest.charAt(i), restKinds.charAt(i));
    }
  }

  private void inDocument(JsonArguments reading, char c, char kind) {
    if (kind != Marker.TEXT) {
      return; // a special token, which has no text
    }
    StringBuilder more = new StringBuilder();
    if (reading.append(c, kind, more)) {
      document = null;
    }
    tell(more.toString());
  }

  /** Ends the answer. */
  void finish() {
    if (place == Place.CALLS) {
      return;
    }
    for (int i = 0; i < pending.length(); i++) {
      plain(pending.charAt(i), kinds.charAt(i));
    }
    drop(pending.length());
    if (place == Place.TEXT && !afterMarker) {
      tell(white.toString());
    }
  }

  /** Whether what is pending may become a marker, or was one. */
  private boolean isWaiting() {
    if (place == Place.THINKING) {
      return is(markers.thinkingClose(), this::toText);
    }
    boolean waiting = layout.thinks() && is(markers.thinkingOpen(), this::toThinking);
    for (int i = 0; i < markers.silent().size() && !waiting; i++) {
      String silent = layout.syntax().silent().get(i);
      waiting = is(markers.silent().get(i), () -> passed(silent));
    }
    if (!layout.tools().isEmpty()) {
      for (int i = 0; i < markers.open().size() && !waiting; i++) {
        waiting = is(markers.open().get(i), () -> toCalls(""));
      }
      waiting = waiting || isFirstCall();
    }
    return waiting;
  }

  private boolean is(Marker marker, Runnable then) {
    if (!marker.agrees(pending, kinds)) {
      return false;
    }
    if (pending.length() >= marker.length()) {
      String rest = pending.substring(marker.length());
      String restKinds = kinds.substring(marker.length());
      drop(pending.length());
      then.run();
      for (int i = 0; i < rest.length(); i++) {
        append(rest.charAt(i), restKinds.charAt(i));
      }
    }
    return true;
  }

  /** Whether the answer begins, or may begin, with a call that has no marker. */
  private boolean isFirstCall() {
    boolean headed = layout.syntax().header().isPresent();
    if (!atStart || behindHeader || !(layout.syntax().onlyFirst() || headed)) {
      return false;
    }
    StringBuilder written = new StringBuilder();
    for (int i = 0; i < pending.length(); i++) {
      if (kinds.charAt(i) != Marker.TEXT) {
        return false;
      }
      if (!Character.isWhitespace(pending.charAt(i)) || written.length() > 1) {
        written.append(pending.charAt(i));
      }
    }
    if (written.length() == 0) {
      return false; // white space alone is held back anyway
    }
    for (String begin : begins()) {
      if (written.toString().startsWith(begin)) {
        String section = pending.toString();
        drop(pending.length());
        toCalls(headed ? "" : section);
        return true;
      } else if (begin.startsWith(written.toString())) {
        return true;
      }
    }
    return false;
  }

  private List<String> begins() {
    if (layout.syntax().header().isPresent()) {
      return List.of(layout.syntax().header().begins());
    } else if (layout.syntax().call().isObject()) {
      return List.of("{\"name\"");
    }
    List<String> begins = new ArrayList<>();
    layout.tools().forEach(tool -> begins.add("[" + tool.name() + "("));
    return begins;
  }

  /** Behind a marker that is no part of the text. */
  private void passed(String silent) {
    boolean begins = silent.equals(layout.syntax().header().behind());
    atStart |= begins;
    behindHeader = layout.syntax().header().isPresent() && !begins;
  }

  private void toText() {
    place = Place.TEXT;
    atStart = true; // an answer that is a call may be one behind its thinking, too
    behindHeader = false;
    white.setLength(0);
    afterMarker = true;
  }

  private void toThinking() {
    place = Place.THINKING;
    white.setLength(0);
    afterMarker = true;
  }

  private void toCalls(String begun) {
    place = Place.CALLS;
    white.setLength(0);
    calls.begin();
    for (int i = 0; i < begun.length() && place == Place.CALLS; i++) {
      append(begun.charAt(i), Marker.TEXT);
    }
  }

  /** A character that belongs to no marker. */
  private void plain(char c, char kind) {
    if (kind != Marker.TEXT) {
      return; // another special token, which has no text
    }
    if (Character.isWhitespace(c)) {
      if (!afterMarker) {
        white.append(c);
      }
      return;
    }
    afterMarker = false;
    atStart = false;
    tell(white.append(c).toString());
    white.setLength(0);
  }

  private void tell(String more) {
    if (!more.isEmpty() && place == Place.THINKING) {
      listener.thinking(more);
    } else if (!more.isEmpty()) {
      listener.text(more);
    }
  }

  private void drop(int characters) {
    pending.delete(0, characters);
    kinds.delete(0, characters);
  }
}
