package io.fundamentallm.internal.chat;

import java.math.BigDecimal;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Which types the arguments of a tool have by its schema: where a model writes texts without
 * quotes, reader and constraint must agree on what is a text. Immutable.
 */
public final class ArgumentTypes {
  /** How an argument is written between tags. */
  public enum Kind {
    /** As it is. */
    TEXT,
    /** As it is, or as {@code null}: a text of these four letters cannot be written. */
    TEXT_OR_NULL,
    /** As JSON. */
    JSON
  }

  private enum Type {
    NULL,
    BOOLEAN,
    NUMBER,
    STRING,
    ARRAY,
    OBJECT
  }

  private static final Set<Type> ALL = Set.of(Type.values());
  private static final Set<Type> TEXT_OR_NULL = Set.of(Type.STRING, Type.NULL);

  /** The most schemas that are looked at for one argument; of more, nothing is known. */
  private static final int SCHEMAS = 1_000;

  private final @Nullable Object root;

  private ArgumentTypes(@Nullable Object root) {
    this.root = root;
  }

  /**
   * Those of a tool.
   *
   * @param schema of its arguments, as its JSON was read: maps, lists, strings, {@link
   *     BigDecimal}s, booleans, and anything else for null
   */
  public static ArgumentTypes of(@Nullable Object schema) {
    return new ArgumentTypes(schema);
  }

  /**
   * How an argument is written.
   *
   * @param name of the argument; an empty one stands for any that the schema does not name
   */
  public Kind kind(String name) {
    Set<Type> types = new Search(name).argument(root);
    if (types.equals(Set.of(Type.STRING))) {
      return Kind.TEXT;
    }
    return types.equals(TEXT_OR_NULL) ? Kind.TEXT_OR_NULL : Kind.JSON;
  }

  /** A search for one argument. */
  private final class Search {
    private final String name;
    private int schemas;

    Search(String name) {
      this.name = name;
    }

    /** The types of the argument in objects that a schema allows. */
    Set<Type> argument(@Nullable Object schema) {
      if (!(schema instanceof Map<?, ?> keywords) || ++schemas > SCHEMAS) {
        return ALL;
      }
      Set<Type> types = combined(keywords, this::argument);
      Object described =
          keywords.get("properties") instanceof Map<?, ?> properties && properties.containsKey(name)
              ? properties.get(name)
              : keywords.get("additionalProperties");
      types.retainAll(types(described));
      return types;
    }

    /** The types of the values that a schema allows. */
    private Set<Type> types(@Nullable Object schema) {
      if (!(schema instanceof Map<?, ?> keywords) || ++schemas > SCHEMAS) {
        return ALL;
      }
      Set<Type> types = combined(keywords, this::types);
      if (keywords.containsKey("type")) {
        types.retainAll(named(keywords.get("type")));
      }
      if (keywords.get("enum") instanceof List<?> values) {
        types.retainAll(of(values));
      }
      if (keywords.containsKey("const")) {
        types.retainAll(EnumSet.of(typeOf(keywords.get("const"))));
      }
      return types;
    }

    private Set<Type> combined(Map<?, ?> keywords, Function<@Nullable Object, Set<Type>> each) {
      Set<Type> types = EnumSet.allOf(Type.class);
      if (keywords.get("$ref") instanceof String reference) {
        types.retainAll(each.apply(target(reference)));
      }
      if (keywords.get("allOf") instanceof List<?> all) {
        all.forEach(schema -> types.retainAll(each.apply(schema)));
      }
      for (String keyword : List.of("anyOf", "oneOf")) {
        if (keywords.get(keyword) instanceof List<?> any) {
          Set<Type> together = EnumSet.noneOf(Type.class);
          any.forEach(schema -> together.addAll(each.apply(schema)));
          types.retainAll(together);
        }
      }
      return types;
    }
  }

  /** What a reference within the schema points at; null if it is another. */
  private @Nullable Object target(String reference) {
    if (!reference.startsWith("#/")) {
      return reference.equals("#") ? root : null;
    }
    Object at = root;
    for (String part : reference.substring(2).split("/", -1)) {
      String key =
          URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8)
              .replace("~1", "/")
              .replace("~0", "~");
      if (at instanceof Map<?, ?> object) {
        at = object.get(key);
      } else if (at instanceof List<?> list && key.matches("[0-9]{1,9}")) {
        int index = Integer.parseInt(key);
        at = index < list.size() ? list.get(index) : null;
      } else {
        return null;
      }
    }
    return at;
  }

  private static Set<Type> named(@Nullable Object type) {
    Set<Type> types = EnumSet.noneOf(Type.class);
    for (Object name : type instanceof List<?> names ? names : List.of(String.valueOf(type))) {
      switch (String.valueOf(name)) {
        case "string" -> types.add(Type.STRING);
        case "integer", "number" -> types.add(Type.NUMBER);
        case "boolean" -> types.add(Type.BOOLEAN);
        case "array" -> types.add(Type.ARRAY);
        case "object" -> types.add(Type.OBJECT);
        case "null" -> types.add(Type.NULL);
        default -> types.addAll(ALL);
      }
    }
    return types;
  }

  private static Set<Type> of(Collection<?> values) {
    Set<Type> types = EnumSet.noneOf(Type.class);
    values.forEach(value -> types.add(typeOf(value)));
    return types;
  }

  private static Type typeOf(@Nullable Object value) {
    if (value instanceof String) {
      return Type.STRING;
    } else if (value instanceof BigDecimal) {
      return Type.NUMBER;
    } else if (value instanceof Boolean) {
      return Type.BOOLEAN;
    } else if (value instanceof Map<?, ?>) {
      return Type.OBJECT;
    }
    return value instanceof List<?> ? Type.ARRAY : Type.NULL;
  }
}
