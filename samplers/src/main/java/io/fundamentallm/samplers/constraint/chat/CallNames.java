package io.fundamentallm.samplers.constraint.chat;

import io.fundamentallm.samplers.constraint.automaton.JsonNames;
import io.fundamentallm.samplers.constraint.automaton.TextNames;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The names of the objects in an answer's calls, and in no other part of it: they are followed from
 * a marker to the end of the JSON value behind it. Immutable.
 */
final class CallNames implements TextNames {
  /** Before a value that may be the whole answer. */
  private static final int FIRST = -1;

  private final FreeText markers;
  private final int state;
  private final @Nullable JsonNames names;
  private final boolean opened;

  private CallNames(FreeText markers, int state, @Nullable JsonNames names, boolean opened) {
    this.markers = markers;
    this.state = state;
    this.names = names;
    this.opened = opened;
  }

  /**
   * Before the first byte.
   *
   * @param markers behind each of which a value comes
   * @param inValue whether the answer begins with one
   */
  static CallNames of(List<byte[]> markers, boolean inValue) {
    FreeText text = new FreeText(markers.stream().map(m -> new FreeText.Pattern(m, null)).toList());
    return new CallNames(text, inValue ? FIRST : 0, inValue ? JsonNames.BEGIN : null, false);
  }

  @Override
  public @Nullable CallNames after(int value) {
    JsonNames inside = names;
    if (inside == null) {
      int next = markers.after(state, value);
      return markers.end(next) >= 0
          ? new CallNames(markers, 0, JsonNames.BEGIN, false)
          : next == state ? this : new CallNames(markers, next, null, false);
    }
    if (state == FIRST && !opened && value > ' ' && value != '{' && value != '[') {
      return new CallNames(markers, 0, null, false).after(value); // the answer is no value
    }
    JsonNames after = inside.after(value);
    if (after == null) {
      return null;
    }
    return opened && !after.isOpen()
        ? new CallNames(markers, 0, null, false)
        : new CallNames(markers, state, after, opened || after.isOpen());
  }

  @Override
  public int quotesToRepeat() {
    return names == null ? 3 : names.quotesToRepeat();
  }
}
