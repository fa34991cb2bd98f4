package io.fundamentallm.internal.directory;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The tokens that begin and end a text.
 *
 * @param begin the token that begins one, if any
 * @param ends all tokens that end one, in ascending order
 */
public record BoundaryTokens(OptionalInt begin, Set<Integer> ends) {
  /** Leaves out ids that are not tokens: small models often keep the ids of large ones. */
  public static BoundaryTokens of(OptionalInt begin, Set<Integer> ends, int vocabularySize) {
    Set<Integer> within = new TreeSet<>(ends);
    within.removeIf(token -> token < 0 || token >= vocabularySize);
    boolean isToken =
        begin.isPresent() && begin.getAsInt() >= 0 && begin.getAsInt() < vocabularySize;
    return new BoundaryTokens(
        isToken ? begin : OptionalInt.empty(), Collections.unmodifiableSet(within));
  }

  /** The fields that name them in config.json and generation_config.json. */
  public Map<String, @Nullable Object> fields() {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    // null if there is none: a missing key would mean the published model's own
    fields.put(ModelSettings.BEGIN, begin.isPresent() ? begin.getAsInt() : null);
    fields.put(
        ModelSettings.END,
        ends.isEmpty() ? null : ends.size() == 1 ? ends.iterator().next() : ends);
    return fields;
  }
}
