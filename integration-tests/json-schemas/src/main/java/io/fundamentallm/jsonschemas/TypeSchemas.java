package io.fundamentallm.jsonschemas;

import static java.util.stream.Collectors.joining;

import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.ZonedDateTime;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;

/** Writes one document. One thread at a time. */
final class TypeSchemas {
  private static final String NUMBER = "{\"type\":\"number\"}";
  private static final String DATE_TIME = "{\"type\":\"string\",\"format\":\"date-time\"}";

  private static final Map<Class<?>, String> SCALARS =
      Map.ofEntries(
          Map.entry(boolean.class, "{\"type\":\"boolean\"}"),
          Map.entry(String.class, "{\"type\":\"string\"}"),
          Map.entry(byte.class, integer(Byte.MIN_VALUE, Byte.MAX_VALUE)),
          Map.entry(short.class, integer(Short.MIN_VALUE, Short.MAX_VALUE)),
          Map.entry(int.class, integer(Integer.MIN_VALUE, Integer.MAX_VALUE)),
          Map.entry(long.class, integer(Long.MIN_VALUE, Long.MAX_VALUE)),
          Map.entry(BigInteger.class, "{\"type\":\"integer\"}"),
          Map.entry(float.class, NUMBER),
          Map.entry(double.class, NUMBER),
          Map.entry(BigDecimal.class, NUMBER),
          Map.entry(LocalDate.class, "{\"type\":\"string\",\"format\":\"date\"}"),
          Map.entry(OffsetTime.class, "{\"type\":\"string\",\"format\":\"time\"}"),
          Map.entry(Instant.class, DATE_TIME),
          Map.entry(OffsetDateTime.class, DATE_TIME),
          Map.entry(ZonedDateTime.class, DATE_TIME),
          Map.entry(UUID.class, "{\"type\":\"string\",\"format\":\"uuid\"}"));

  private static final Map<Class<?>, Class<?>> UNBOXED =
      Map.of(
          Boolean.class, boolean.class,
          Byte.class, byte.class,
          Short.class, short.class,
          Integer.class, int.class,
          Long.class, long.class,
          Float.class, float.class,
          Double.class, double.class);

  /** What may be absent, where no argument says what it is of. */
  private static final Map<Class<?>, Class<?>> OPTIONALS =
      Map.of(
          OptionalInt.class, int.class,
          OptionalLong.class, long.class,
          OptionalDouble.class, double.class);

  private static final Set<Class<?>> ARRAYS =
      Set.of(Object[].class, Iterable.class, Collection.class, List.class, Set.class);

  /** A property of an object. */
  private record Property(String name, Type type) {}

  /** Objects around what is being written. */
  private final Set<Shape> open = new HashSet<>();

  /** The names of those that contain themselves. */
  private final Map<Shape, String> names = new HashMap<>();

  private final Map<String, String> definitions = new LinkedHashMap<>();

  String document(Type type) {
    String schema = schema(Shape.of(type, Map.of()), type.getTypeName());
    if (definitions.isEmpty()) {
      return schema;
    }
    String all =
        definitions.entrySet().stream()
            .map(entry -> "\"" + entry.getKey() + "\":" + entry.getValue())
            .collect(joining(","));
    return schema.substring(0, schema.length() - 1) + ",\"$defs\":{" + all + "}}";
  }

  /**
   * The schema of a value.
   *
   * @param where it was found, for errors
   */
  private String schema(Shape shape, String where) {
    Class<?> raw = shape.raw();
    String scalar = SCALARS.get(UNBOXED.getOrDefault(raw, raw));
    if (scalar != null) {
      return scalar;
    } else if (raw.isEnum() && raw.getEnumConstants().length > 0) {
      return Arrays.stream(raw.getEnumConstants())
          .map(constant -> "\"" + ((Enum<?>) constant).name() + "\"")
          .collect(joining(",", "{\"enum\":[", "]}"));
    } else if (ARRAYS.contains(raw) && shape.arguments().size() == 1) {
      String items = schema(shape.arguments().get(0), where + "[]");
      return "{\"type\":\"array\",\"items\":" + items + "}";
    } else if (raw == Map.class
        && shape.arguments().size() == 2
        && shape.arguments().get(0).raw() == String.class) {
      String values = schema(shape.arguments().get(1), where + "{}");
      return "{\"type\":\"object\",\"additionalProperties\":" + values + "}";
    } else if (raw.isRecord() || (raw.isInterface() && !raw.getName().startsWith("java."))) {
      return object(shape, where);
    }
    if (raw == Map.class && shape.arguments().size() == 2) {
      throw new IllegalArgumentException(
          where
              + " is a Map with keys of the type "
              + shape.arguments().get(0).raw().getTypeName()
              + "; the names in a JSON object are text: use String for the keys");
    }
    boolean untyped = raw.getTypeParameters().length > shape.arguments().size();
    String type = raw.getTypeName() + (untyped ? " without type arguments" : "");
    throw new IllegalArgumentException(
        (where.equals(raw.getTypeName()) ? type : where + " is of the type " + type + ", which")
            + " has no schema: use a record, an interface, an enum, a scalar, or an array, List or"
            + " Map of these");
  }

  private String object(Shape shape, String where) {
    String known = names.get(shape);
    if (known == null && open.contains(shape)) {
      known = shape.raw().getSimpleName();
      for (int i = 2; names.containsValue(known); i++) {
        known = shape.raw().getSimpleName() + i;
      }
      names.put(shape, known);
    }
    if (known != null) {
      return reference(known);
    }
    open.add(shape);
    String described = described(shape, where);
    open.remove(shape);
    String name = names.get(shape);
    if (name == null) {
      return described;
    }
    definitions.put(name, described);
    return reference(name);
  }

  private static String reference(String name) {
    return "{\"$ref\":\"#/$defs/" + name + "\"}";
  }

  private String described(Shape shape, String where) {
    return shape.raw().isSealed() ? anyOf(shape, where) : properties(shape, where);
  }

  private String anyOf(Shape shape, String where) {
    return Arrays.stream(shape.raw().getPermittedSubclasses())
        .map(permitted -> schema(Shape.of(permitted, Map.of()), where))
        .collect(joining(",", "{\"anyOf\":[", "]}"));
  }

  private String properties(Shape shape, String where) {
    Map<String, String> properties = new LinkedHashMap<>();
    Set<String> required = new LinkedHashSet<>();
    for (Property property : properties(shape.raw())) {
      Shape of = Shape.of(property.type(), shape.variables());
      boolean optional = of.raw() == Optional.class && of.arguments().size() == 1;
      Class<?> primitive = OPTIONALS.get(of.raw());
      if (optional) {
        of = of.arguments().get(0);
      } else if (primitive != null) {
        of = new Shape(primitive, List.of());
      } else {
        required.add("\"" + property.name() + "\"");
      }
      properties.put(property.name(), schema(of, where + "." + property.name()));
    }
    return properties.entrySet().stream()
            .map(entry -> "\"" + entry.getKey() + "\":" + entry.getValue())
            .collect(joining(",", "{\"type\":\"object\",\"properties\":{", "}"))
        + ",\"required\":["
        + String.join(",", required)
        + "],\"additionalProperties\":false}";
  }

  private static List<Property> properties(Class<?> type) {
    if (type.isRecord()) {
      return Arrays.stream(type.getRecordComponents())
          .map((RecordComponent part) -> new Property(part.getName(), part.getGenericType()))
          .toList();
    }
    return Stream.of(type.getMethods())
        .filter(method -> Modifier.isAbstract(method.getModifiers()))
        .filter(method -> method.getParameterCount() == 0 && method.getReturnType() != void.class)
        .map(method -> new Property(name(method), method.getGenericReturnType()))
        .sorted(Comparator.comparing(Property::name))
        .toList();
  }

  private static String name(Method method) {
    String name = method.getName();
    boolean isBoolean =
        UNBOXED.getOrDefault(method.getReturnType(), method.getReturnType()) == boolean.class;
    String prefix = name.startsWith("get") ? "get" : isBoolean && name.startsWith("is") ? "is" : "";
    int begin = prefix.length();
    boolean isPrefix =
        begin > 0 && name.length() > begin && Character.isUpperCase(name.charAt(begin));
    return isPrefix ? Character.toLowerCase(name.charAt(begin)) + name.substring(begin + 1) : name;
  }

  private static String integer(long least, long most) {
    return "{\"type\":\"integer\",\"minimum\":" + least + ",\"maximum\":" + most + "}";
  }
}
