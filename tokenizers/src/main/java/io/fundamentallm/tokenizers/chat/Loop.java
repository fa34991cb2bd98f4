package io.fundamentallm.tokenizers.chat;

import io.fundamentallm.tokenizers.chat.value.Arguments;
import io.fundamentallm.tokenizers.chat.value.Callable;
import io.fundamentallm.tokenizers.chat.value.PythonList;
import io.fundamentallm.tokenizers.chat.value.TemplateException;
import io.fundamentallm.tokenizers.chat.value.Undefined;
import io.fundamentallm.tokenizers.chat.value.Values;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The variable {@code loop} of a loop's body. One object for the whole loop, as in Jinja. */
final class Loop {
  private final List<Object> items;
  private int index;
  private @Nullable Object last; // what changed() saw before

  Loop(List<Object> items) {
    this.items = items;
  }

  void moveTo(int next) {
    index = next;
  }

  @Nullable Object attribute(String name) {
    int size = items.size();
    return switch (name) {
      case "index" -> index + 1L;
      case "index0" -> (long) index;
      case "revindex" -> (long) size - index;
      case "revindex0" -> size - index - 1L;
      case "first" -> index == 0;
      case "last" -> index == size - 1;
      case "length" -> (long) size;
      // Jinja counts the levels of recursive loops only
      case "depth" -> 1L;
      case "depth0" -> 0L;
      case "previtem" ->
          index > 0 ? items.get(index - 1) : new Undefined("there is no previous item");
      case "nextitem" ->
          index < size - 1 ? items.get(index + 1) : new Undefined("there is no next item");
      case "cycle" -> (Callable) this::cycle;
      case "changed" -> (Callable) this::changed;
      default -> null;
    };
  }

  private Object cycle(Arguments arguments) {
    if (arguments.positional().isEmpty()) {
      throw new TemplateException("no items for cycling given");
    }
    return arguments.positional().get(index % arguments.positional().size());
  }

  private Object changed(Arguments arguments) {
    Object now = PythonList.tuple(arguments.positional());
    boolean same = last != null && Values.equal(last, now, arguments.budget());
    last = now;
    return !same;
  }
}
