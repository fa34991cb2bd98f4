package io.fundamentallm.webservice.constraint;

import io.fundamentallm.model.Spec;
import io.fundamentallm.webservice.json.Fields;
import io.fundamentallm.webservice.settings.Limits;
import io.fundamentallm.webservice.settings.ServiceSettings;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** The field {@code response_format}, as a constraint. Thread-safe. */
@Component
public final class ResponseFormats {
  /** The spec that limits the text to any JSON object. */
  public static final String JSON = "json-object";

  private static final String SCHEMA = "response_format.json_schema.schema";

  private final Limits limits;

  ResponseFormats(ServiceSettings settings) {
    limits = settings.limits();
  }

  /** The spec that keeps the text in the format; null if any text is allowed. */
  public @Nullable String constraint(Fields fields) {
    Fields format = fields.inner("response_format");
    if (format == null) {
      return null;
    }
    String type = format.text("type");
    String stage =
        switch (type == null ? "" : type) {
          case "text" -> null;
          case "json_object" -> JSON;
          case "json_schema" -> schema(format);
          default -> throw format.bad("type", "must be text, json_object or json_schema");
        };
    format.requireAllRead();
    return stage;
  }

  private String schema(Fields format) {
    Fields described = format.inner("json_schema");
    JsonNode schema = described == null ? null : described.value("schema");
    if (described == null || schema == null) {
      throw format.bad("json_schema", "must have the schema, as 'schema'");
    }
    described.text("name");
    described.text("description");
    described.flag("strict"); // the schema is always enforced
    described.requireAllRead();
    String text = SchemaGuard.checked(SCHEMA, schema, limits);
    return "json-schema=" + Spec.quoted(text);
  }
}
