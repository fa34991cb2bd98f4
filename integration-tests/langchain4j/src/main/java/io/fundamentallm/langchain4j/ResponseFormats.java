package io.fundamentallm.langchain4j;

import dev.langchain4j.internal.Json;
import dev.langchain4j.internal.JsonSchemaElementUtils;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import org.jspecify.annotations.Nullable;

/** The schemas of the formats that requests ask for. */
final class ResponseFormats {
  /** By JSON, LangChain4j means what OpenAI means by json_object. */
  private static final String ANY_OBJECT = "{\"type\":\"object\",\"additionalProperties\":true}";

  private ResponseFormats() {}

  /** The schema of a format; null for plain text. */
  static @Nullable String schema(@Nullable ResponseFormat format) {
    if (format == null || format.type() != ResponseFormatType.JSON) {
      return null;
    }
    return format.jsonSchema() == null
        ? ANY_OBJECT
        // internal to LangChain4j, but all of its integrations write schemas with it
        : Json.toJson(JsonSchemaElementUtils.toMap(format.jsonSchema().rootElement()));
  }
}
