package io.fundamentallm.samplers.constraint.chat;

import io.fundamentallm.samplers.constraint.automaton.JsonNames;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The names of the objects in an answer's calls, and in its text if that is a document: they are
 * followed from a marker, or where a document begins, to the end of the JSON value there.
 * Immutable.
 */
final class CallNames implements AnswerNames {
  /**
   * What is looked for.
   *
   * @param markers behind each of which a value comes
   * @param document whether the text is one
   * @param first whether a value may be the whole answer
   */
  private record Follow(FreeText markers, boolean document, boolean first) {}

  private enum Place {
    TEXT,
    /** Where a value comes that has no marker, if one does. */
    FIRST,
    VALUE,
    /** Behind a document's beginning that is no object and no array. */
    SCALAR
  }

  private final Follow follow;
  private final Place place;

  /** How much of a marker was read. */
  private final int state;

  private final JsonNames names;

  private CallNames(Follow follow, Place place, int state, JsonNames names) {
    this.follow = follow;
    this.place = place;
    this.state = state;
    this.names = names;
  }

  /**
   * Before the first byte.
   *
   * @param markers behind each of which a value comes
   * @param document whether the answer's text is one
   * @param first whether a value without a marker may be the whole answer
   */
  static CallNames of(List<byte[]> markers, boolean document, boolean first) {
    FreeText text =
        new FreeText(
            markers.stream()
                .filter(marker -> marker.length > 0)
                .map(marker -> new FreeText.Pattern(marker, null))
                .toList());
    return outside(new Follow(text, document, first));
  }

  private static CallNames outside(Follow follow) {
    boolean first = follow.document() || follow.first();
    return new CallNames(follow, first ? Place.FIRST : Place.TEXT, 0, JsonNames.BEGIN);
  }

  @Override
  public boolean isAtText() {
    return place == Place.TEXT || place == Place.FIRST;
  }

  @Override
  public @Nullable CallNames after(int value) {
    if (place == Place.SCALAR) {
      return this;
    }
    boolean inMarker = place != Place.VALUE || state > 0; // some begin as a value does
    int next = inMarker ? follow.markers().after(state, value) : 0;
    if (follow.markers().end(next) >= 0) {
      return new CallNames(follow, Place.VALUE, 0, JsonNames.BEGIN);
    }
    return switch (place) {
      case TEXT -> next == state ? this : in(Place.TEXT, next);
      case FIRST -> first(value, next);
      default -> value(value, next);
    };
  }

  private CallNames in(Place where, int next) {
    return new CallNames(follow, where, next, names);
  }

  private @Nullable CallNames first(int value, int next) {
    if (value == '{' || value == '[') {
      return value(value, next);
    } else if (!follow.document()) { // the separator of two calls, or an answer that is none
      return in(value <= ' ' || value == ';' ? Place.FIRST : Place.TEXT, next);
    }
    return in(value == '"' && next == 0 ? Place.SCALAR : Place.FIRST, next);
  }

  private @Nullable CallNames value(int value, int next) {
    JsonNames after = names.after(value);
    if (after == null) {
      return null;
    }
    return names.isOpen() && !after.isOpen()
        ? outside(follow)
        : new CallNames(follow, Place.VALUE, next, after);
  }

  @Override
  public int quotesToRepeat() {
    return place == Place.TEXT || place == Place.SCALAR ? 3 : names.quotesToRepeat();
  }
}
