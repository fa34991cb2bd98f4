package io.fundamentallm.langchain4j;

import dev.langchain4j.internal.Json;
import dev.langchain4j.internal.JsonSchemaElementUtils;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import io.fundamentallm.ProviderException;
import io.fundamentallm.TextGenerator;
import io.fundamentallm.decoding.Recipe;
import io.fundamentallm.decoding.TokenConstraint;
import io.fundamentallm.model.Spec;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The constraints that keep answers in the format that a request asks for. Thread-safe.
 *
 * <p>An AI service asks for the same schema again and again, and a compiled one remembers which
 * tokens of the vocabulary fit where, so the last few are kept.
 */
final class ResponseFormats {
  /** An automaton over a large vocabulary takes a few megabytes, and a service has few formats. */
  private static final int KEPT = 8;

  private final TextGenerator generator;

  /** By spec, the least recently used first. Guarded by itself. */
  private final Map<String, Recipe<TokenConstraint>> recent =
      new LinkedHashMap<>(2 * KEPT, 0.75f, true);

  ResponseFormats(TextGenerator generator) {
    this.generator = generator;
  }

  /** Whether JSON schemas can be enforced here. */
  boolean available() {
    try {
      generator.withConstraint("json-schema=true");
      return true;
    } catch (ProviderException e) {
      return false;
    }
  }

  /**
   * A constraint that leaves only what fits the format; null for plain text.
   *
   * @throws IllegalArgumentException for a schema with a keyword that cannot be enforced
   */
  @Nullable Recipe<TokenConstraint> constraint(@Nullable ResponseFormat format) {
    if (format == null || format.type() != ResponseFormatType.JSON) {
      return null;
    }
    String spec = spec(format);
    synchronized (recent) {
      Recipe<TokenConstraint> known = recent.get(spec);
      if (known == null) {
        known = generator.withConstraint(spec).options().constraint().orElseThrow();
        recent.put(spec, known);
        if (recent.size() > KEPT) {
          Iterator<String> eldest = recent.keySet().iterator();
          eldest.next();
          eldest.remove();
        }
      }
      return known;
    }
  }

  /** Without a schema, any object: by JSON, LangChain4j means what OpenAI means by json_object. */
  private static String spec(ResponseFormat format) {
    if (format.jsonSchema() == null) {
      return "json-object";
    }
    // internal to LangChain4j, but all of its integrations write schemas with it
    String schema = Json.toJson(JsonSchemaElementUtils.toMap(format.jsonSchema().rootElement()));
    return "json-schema=" + Spec.quoted(schema);
  }
}
