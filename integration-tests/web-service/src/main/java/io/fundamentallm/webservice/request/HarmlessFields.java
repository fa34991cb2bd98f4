package io.fundamentallm.webservice.request;

import io.fundamentallm.webservice.json.Fields;
import tools.jackson.databind.JsonNode;

/**
 * Fields that change nothing here, or nothing with these values: who asks, what OpenAI remembers or
 * charges, and what a model that only writes text does anyway. They are accepted if their type is
 * right, so that clients that always send them work; a value that asks for more is refused by the
 * field's name.
 */
final class HarmlessFields {
  private static final int PAIRS = 16;

  private HarmlessFields() {}

  /** Those of both kinds of requests. */
  static void read(Fields fields) {
    fields.text("user");
    fields.text("safety_identifier");
    fields.text("prompt_cache_key");
    fields.oneOf("prompt_cache_retention", "in_memory", "in-memory", "24h");
    fields.oneOf("service_tier", "auto", "default");
    metadata(fields);
    if (fields.flag("store")) {
      throw fields.bad("store", "must be false: nothing is kept here");
    }
  }

  /** Those of chats. */
  static void readOfChat(Fields fields) {
    fields.empty("functions", "functions are tools by now");
    fields.oneOf("function_call", "none", "auto");
    fields.oneOf("verbosity", "medium");
    JsonNode modalities = fields.value("modalities");
    if (modalities != null
        && !(modalities.isArray()
            && modalities.size() == 1
            && modalities.get(0).isString()
            && modalities.get(0).stringValue().equals("text"))) {
      throw fields.bad("modalities", "must be [\"text\"]: nothing else is written here");
    }
  }

  private static void metadata(Fields fields) {
    JsonNode metadata = fields.value("metadata");
    if (metadata != null
        && !(metadata.isObject()
            && metadata.size() <= PAIRS
            && metadata.properties().stream().allMatch(pair -> pair.getValue().isString()))) {
      throw fields.bad("metadata", "must be an object of up to " + PAIRS + " strings");
    }
  }
}
