package io.fundamentallm.samplers.constraint;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A context-free grammar over bytes, which every notation is compiled to. Immutable.
 *
 * @param rules what each name stands for, in the order they were written
 * @param root the rule that the whole text is
 */
record Grammar(Map<String, Expression> rules, String root) {
  Grammar {
    rules = Collections.unmodifiableMap(new LinkedHashMap<>(rules));
  }

  /** The language of one expression without rules. */
  static Grammar of(Expression expression) {
    return new Grammar(Map.of("root", expression), "root");
  }
}
