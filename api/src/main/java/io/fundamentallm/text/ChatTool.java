package io.fundamentallm.text;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.internal.json.Excerpt;
import io.fundamentallm.internal.json.Json;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A function that a model may ask its application to call.
 *
 * @param name 1 to 64 letters, digits, {@code _}, {@code -} and {@code .}, as the model will write
 *     it
 * @param description what it does and when to use it, for the model; may be empty
 * @param parameters the JSON Schema of its arguments, an object; {@code {}} for a function without
 *     any
 */
public record ChatTool(String name, String description, String parameters) {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.-]{1,64}");

  /** Characters of a name that is refused, in the message. */
  private static final int SHOWN = 80;

  /**
   * Checks the name, and that the parameters are a JSON object.
   *
   * @throws IllegalArgumentException if they are not
   */
  public ChatTool {
    requireNonNull(description, "description");
    if (!NAME.matcher(requireNonNull(name, "name")).matches()) {
      throw new IllegalArgumentException(
          "the name of a tool must be 1 to 64 letters, digits, '_', '-' and '.', but is \""
              + Excerpt.of(name, SHOWN)
              + "\"");
    }
    try {
      Json.object(requireNonNull(parameters, "parameters"));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "the parameters of the tool \""
              + name
              + "\" must be a JSON Schema, an object: "
              + e.getMessage(),
          e);
    }
  }

  /** The schema as maps, lists, strings, {@link java.math.BigDecimal}s, booleans and nulls. */
  public Map<String, @Nullable Object> schema() {
    return Json.object(parameters);
  }
}
