package io.fundamentallm.springai;

import io.fundamentallm.TextGenerator;
import io.fundamentallm.decoding.Recipe;
import io.fundamentallm.decoding.TokenConstraint;
import io.fundamentallm.model.Spec;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The constraints that keep answers within a JSON schema. Thread-safe.
 *
 * <p>An application asks for the same schema again and again, and a compiled one remembers which
 * tokens of the vocabulary fit where, so the last few are kept.
 */
final class OutputSchemas {
  /** An automaton over a large vocabulary takes a few megabytes, and a service has few schemas. */
  private static final int KEPT = 8;

  private final TextGenerator generator;

  /** By schema, the least recently used first. Guarded by itself. */
  private final Map<String, Recipe<TokenConstraint>> recent =
      new LinkedHashMap<>(2 * KEPT, 0.75f, true);

  OutputSchemas(TextGenerator generator) {
    this.generator = generator;
  }

  /**
   * A constraint that leaves only what fits the schema.
   *
   * @throws IllegalArgumentException for a schema with a keyword that cannot be enforced
   */
  Recipe<TokenConstraint> constraint(String schema) {
    synchronized (recent) {
      Recipe<TokenConstraint> known = recent.get(schema);
      if (known == null) {
        String spec = "json-schema=" + Spec.quoted(schema);
        known = generator.withConstraint(spec).options().constraint().orElseThrow();
        recent.put(schema, known);
        if (recent.size() > KEPT) {
          Iterator<String> eldest = recent.keySet().iterator();
          eldest.next();
          eldest.remove();
        }
      }
      return known;
    }
  }
}
