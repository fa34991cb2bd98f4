package io.fundamentallm.tokenizers.chat.value;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a function is called with.
 *
 * @param budget pays for what the function does beyond its result
 */
public record Arguments(List<Object> positional, Map<String, Object> named, TemplateBudget budget) {

  /** An argument by position or name, or null. */
  public @Nullable Object get(int index, String name) {
    return index < positional.size() ? positional.get(index) : named.get(name);
  }

  public Object get(int index, String name, Object defaultValue) {
    Object given = get(index, name);
    return given == null ? defaultValue : given;
  }

  public Object require(int index, String name) {
    Object given = get(index, name);
    if (given == null) {
      throw new TemplateException("missing argument '" + name + "'");
    }
    return given;
  }

  public MarkedText text(int index, String name) {
    return Values.text(require(index, name));
  }

  /** An integer, or a default, which also replaces {@code None}. */
  public long integer(int index, String name, long defaultValue) {
    Object given = get(index, name);
    return given == null || given == None.NONE ? defaultValue : Values.integer(given);
  }

  /** The arguments after the first ones. */
  public Arguments from(int index) {
    int first = Math.min(index, positional.size());
    return new Arguments(positional.subList(first, positional.size()), named, budget);
  }
}
