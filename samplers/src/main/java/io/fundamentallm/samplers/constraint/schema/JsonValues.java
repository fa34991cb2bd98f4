package io.fundamentallm.samplers.constraint.schema;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import io.fundamentallm.samplers.constraint.grammar.Expression;
import io.fundamentallm.samplers.constraint.grammar.Limits;
import io.fundamentallm.samplers.constraint.grammar.Utf8;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * JSON documents as values: {@link Map} in the written order, {@link List}, {@link String}, {@link
 * BigDecimal} without trailing zeros, {@link Boolean}, and {@link Null#NULL}.
 */
public final class JsonValues {
  /** What {@code null} is read as. */
  enum Null {
    NULL
  }

  /** Digits of a number, including zeros that its exponent stands for. */
  private static final int DIGITS = 300;

  /** Members and items shown in an error. */
  private static final int SHOWN = 20;

  /** Where an object begins that does not end; Jackson says it in words of its own. */
  private static final String START_MARKER = " \\(start marker at .*";

  /** Without Jackson's own pool, whose thread-locals keep the application's class loader alive. */
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .recyclerPool(JsonRecyclerPools.nonRecyclingPool())
          .build();

  private JsonValues() {}

  /**
   * Reads one document.
   *
   * @throws IllegalArgumentException if it is not JSON, with line and column
   */
  public static Object read(String text) {
    try (JsonParser parser = FACTORY.createParser(text)) {
      if (parser.nextToken() == null) {
        throw new IllegalArgumentException("there is no JSON document");
      }
      Object value = value(parser, 0);
      if (parser.nextToken() != null) {
        throw new IllegalArgumentException("the JSON document is followed by more text");
      }
      return value;
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "not JSON, line "
              + e.getLocation().getLineNr()
              + ", column "
              + e.getLocation().getColumnNr()
              + ": "
              + e.getOriginalMessage().replaceFirst(START_MARKER, ""),
          e);
    } catch (IOException e) {
      throw new IllegalArgumentException("not JSON: " + e.getMessage(), e);
    }
  }

  private static Object value(JsonParser parser, int depth) throws IOException {
    if (depth > Limits.NESTING) {
      throw Limits.exceeded(
          "a JSON document", Limits.NESTING, "arrays and objects within each other");
    }
    JsonToken token = parser.currentToken();
    if (token == JsonToken.START_OBJECT) {
      Map<String, Object> object = new LinkedHashMap<>();
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = document(parser, parser.currentName());
        parser.nextToken();
        object.put(name, value(parser, depth + 1));
      }
      return object;
    } else if (token == JsonToken.START_ARRAY) {
      List<Object> array = new ArrayList<>();
      while (parser.nextToken() != JsonToken.END_ARRAY) {
        array.add(value(parser, depth + 1));
      }
      return array;
    } else if (token == JsonToken.VALUE_NUMBER_INT || token == JsonToken.VALUE_NUMBER_FLOAT) {
      return number(parser.getText());
    } else if (token == JsonToken.VALUE_NULL) {
      return Null.NULL;
    }
    return token == JsonToken.VALUE_STRING
        ? document(parser, parser.getText())
        : (Object) parser.getBooleanValue();
  }

  /** A text without halves of surrogate pairs, which UTF-8 has no bytes for. */
  private static String document(JsonParser parser, String text) {
    int half = Utf8.halfOfPair(text);
    if (half >= 0) {
      JsonLocation begin = parser.currentTokenLocation();
      throw new IllegalArgumentException(
          "at index "
              + half
              + " of the string of the JSON document that begins in line "
              + begin.getLineNr()
              + ", column "
              + begin.getColumnNr()
              + ": "
              + Utf8.HALF_A_PAIR);
    }
    return text;
  }

  private static BigDecimal number(String text) {
    BigDecimal number = new BigDecimal(text).stripTrailingZeros();
    if (number.precision() > DIGITS || Math.abs((long) number.scale()) > DIGITS) {
      throw Limits.exceeded("the number " + text, DIGITS, "digits");
    }
    return number;
  }

  /** A value as text of a document; strings and numbers in their usual form. */
  static Expression literal(Object value, JsonNotation json) {
    if (value instanceof Map<?, ?> object) {
      List<Expression> parts = new ArrayList<>();
      object.forEach(
          (name, member) -> {
            if (!parts.isEmpty()) {
              parts.add(json.comma());
            }
            parts.add(
                json.member(json.style.name(String.valueOf(name), false), literal(member, json)));
          });
      return between("{", parts, "}", json);
    } else if (value instanceof List<?> array) {
      List<Expression> parts = new ArrayList<>();
      for (Object item : array) {
        if (!parts.isEmpty()) {
          parts.add(json.comma());
        }
        parts.add(literal(item, json));
      }
      return between("[", parts, "]", json);
    }
    return scalar(value, json);
  }

  /** A string, number, boolean or null as it is written. */
  static Expression scalar(Object value, JsonNotation json) {
    return value instanceof String string
        ? json.style.text(string)
        : Expression.text(json.style.word(scalar(value)));
  }

  private static Expression between(
      String open, List<Expression> parts, String close, JsonNotation json) {
    List<Expression> all = new ArrayList<>();
    all.add(Expression.text(open));
    all.add(json.space());
    all.addAll(parts);
    if (!parts.isEmpty()) {
      all.add(json.space());
    }
    all.add(Expression.text(close));
    return new Expression.Sequence(all);
  }

  /** A string, number, boolean or null as text. */
  public static String scalar(Object value) {
    if (value instanceof String string) {
      return JsonCharacters.canonical(string);
    } else if (value instanceof BigDecimal number) {
      return number.toPlainString();
    }
    return value == Null.NULL ? "null" : value.toString();
  }

  /** A value in short notation for errors: its first members and items. */
  static String text(@Nullable Object value) {
    if (value instanceof Map<?, ?> object) {
      return object.entrySet().stream()
          .limit(SHOWN)
          .map(member -> scalar(String.valueOf(member.getKey())) + ": " + text(member.getValue()))
          .collect(Collectors.joining(", ", "{", "}"));
    } else if (value instanceof List<?> array) {
      return array.stream()
          .limit(SHOWN)
          .map(JsonValues::text)
          .collect(Collectors.joining(", ", "[", "]"));
    }
    return value == null ? "" : scalar(value);
  }

  /** The schema types that a value has. */
  static boolean isOfType(Object value, String type) {
    return switch (type) {
      case "object" -> value instanceof Map<?, ?>;
      case "array" -> value instanceof List<?>;
      case "string" -> value instanceof String;
      case "number" -> value instanceof BigDecimal;
      case "integer" -> value instanceof BigDecimal number && number.scale() <= 0;
      case "boolean" -> value instanceof Boolean;
      default -> value == Null.NULL;
    };
  }
}
