package io.fundamentallm.internal.chat;

import io.fundamentallm.internal.json.JsonPointer;
import java.math.BigDecimal;
import java.util.Collection;
import java.util.EnumSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Which types the arguments of a tool have by its schema: where a model writes texts without
 * quotes, reader and constraint must agree on what is a text. Thread-safe.
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

  /** The most of these within each other. */
  private static final int NESTING = 200;

  /** The most arguments that are remembered: a model may make names up. */
  private static final int KINDS = 1_000;

  private final @Nullable Object root;
  private final Map<String, Kind> kinds = new ConcurrentHashMap<>();

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
    Kind known = kinds.get(name);
    if (known == null) {
      known = new Search(name).kind();
      if (kinds.size() < KINDS) {
        kinds.put(name, known);
      }
    }
    return known;
  }

  /** A search for one argument, which looks at each schema once. */
  private final class Search {
    private final String name;

    /** The types that the schemas seen allow, by identity; all, while they are looked at. */
    private final IdentityHashMap<Object, Set<Type>> objects = new IdentityHashMap<>();

    private final IdentityHashMap<Object, Set<Type>> values = new IdentityHashMap<>();
    private int depth;
    private boolean tooLarge;

    Search(String name) {
      this.name = name;
    }

    Kind kind() {
      Set<Type> types = argument(root);
      if (tooLarge) {
        return Kind.JSON;
      } else if (types.equals(Set.of(Type.STRING))) {
        return Kind.TEXT;
      }
      return types.equals(TEXT_OR_NULL) ? Kind.TEXT_OR_NULL : Kind.JSON;
    }

    /** The types of the argument in objects that a schema allows. */
    private Set<Type> argument(@Nullable Object schema) {
      return looked(
          objects,
          schema,
          keywords -> {
            Set<Type> types = combined(keywords, this::argument);
            Object described =
                keywords.get("properties") instanceof Map<?, ?> properties
                        && properties.containsKey(name)
                    ? properties.get(name)
                    : keywords.get("additionalProperties");
            types.retainAll(types(described));
            return types;
          });
    }

    /** The types of the values that a schema allows. */
    private Set<Type> types(@Nullable Object schema) {
      return looked(
          values,
          schema,
          keywords -> {
            Set<Type> types = combined(keywords, this::types);
            if (keywords.containsKey("type")) {
              types.retainAll(named(keywords.get("type")));
            }
            if (keywords.get("enum") instanceof List<?> listed) {
              types.retainAll(of(listed));
            }
            if (keywords.containsKey("const")) {
              types.retainAll(EnumSet.of(typeOf(keywords.get("const"))));
            }
            return types;
          });
    }

    private Set<Type> looked(
        IdentityHashMap<Object, Set<Type>> seen,
        @Nullable Object schema,
        Function<Map<?, ?>, Set<Type>> look) {
      if (!(schema instanceof Map<?, ?> keywords)) {
        return ALL;
      }
      Set<Type> known = seen.putIfAbsent(keywords, ALL);
      if (known == null) {
        tooLarge |= objects.size() + values.size() > SCHEMAS || depth == NESTING;
        if (tooLarge) {
          return ALL;
        }
        depth++;
        known = look.apply(keywords);
        depth--;
        seen.put(keywords, known);
      }
      return known;
    }

    private Set<Type> combined(Map<?, ?> keywords, Function<@Nullable Object, Set<Type>> each) {
      Set<Type> types = EnumSet.allOf(Type.class);
      if (keywords.get("$ref") instanceof String reference) {
        types.retainAll(each.apply(target(reference)));
      }
      for (Object schema : list(keywords, "allOf")) {
        if (tooLarge) {
          break;
        }
        types.retainAll(each.apply(schema));
      }
      for (String keyword : List.of("anyOf", "oneOf")) {
        if (keywords.get(keyword) instanceof List<?>) {
          types.retainAll(any(list(keywords, keyword), each));
        }
      }
      return types;
    }

    private Set<Type> any(List<?> schemas, Function<@Nullable Object, Set<Type>> each) {
      Set<Type> types = EnumSet.noneOf(Type.class);
      for (Object schema : schemas) {
        if (tooLarge) {
          break;
        }
        types.addAll(each.apply(schema));
      }
      return types;
    }
  }

  private static List<?> list(Map<?, ?> keywords, String name) {
    return keywords.get(name) instanceof List<?> list ? list : List.of();
  }

  /** What a reference within the schema points at; null if it is another, or no pointer. */
  private @Nullable Object target(String reference) {
    try {
      return JsonPointer.target(root, reference);
    } catch (IllegalArgumentException e) {
      return null; // where calls are held to the schema, its compiler says so
    }
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
