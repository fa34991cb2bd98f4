package io.fundamentallm.jsonschemas;

import static java.util.Objects.requireNonNull;

import java.lang.reflect.Type;

/**
 * JSON Schemas of Java types, so that what a model writes can be read as one of them by the
 * application's own JSON mapper.
 *
 * <pre>{@code
 * record Person(String name, int age, List<String> languages) {}
 *
 * ChatPrompt prompt =
 *     ChatPrompt.builder(messages).answerSchema(JsonSchemas.of(Person.class)).build();
 * Person person = mapper.readValue(generator.chat(prompt).message().content(), Person.class);
 * }</pre>
 *
 * <table>
 * <caption>What becomes of a type</caption>
 * <tr><th>type</th><th>schema</th></tr>
 * <tr><td>a record</td><td>an object with its components as properties, in their order and by their
 * names, all of them required but those of type {@code Optional}; no others</td></tr>
 * <tr><td>an interface</td><td>the same with its abstract methods that take nothing, by their
 * names, those of {@code getName} and {@code isOpen} without the prefix; in the order of their
 * names, for Java keeps no other</td></tr>
 * <tr><td>a sealed interface</td><td>what any one of its permitted types is; to tell them apart is
 * the mapper's work, so let their components have different names</td></tr>
 * <tr><td>an enum</td><td>the names of its constants</td></tr>
 * <tr><td>{@code boolean}, {@code String}</td><td>a boolean, a string</td></tr>
 * <tr><td>{@code byte}, {@code short}, {@code int}, {@code long}, {@code BigInteger}</td><td>an
 * integer within the type's bounds</td></tr>
 * <tr><td>{@code float}, {@code double}, {@code BigDecimal}</td><td>a number</td></tr>
 * <tr><td>{@code LocalDate}; {@code Instant}, {@code OffsetDateTime}, {@code ZonedDateTime}; {@code
 * OffsetTime}; {@code UUID}</td><td>a string of the format {@code date}, {@code date-time}, {@code
 * time}, {@code uuid}</td></tr>
 * <tr><td>an array, {@code Iterable}, {@code Collection}, {@code List}, {@code Set}</td><td>an array
 * of what is in it</td></tr>
 * <tr><td>{@code Map} with names as keys</td><td>an object with any names</td></tr>
 * </table>
 *
 * <p>Records and interfaces may be generic and may contain themselves; what contains itself is
 * written once, under {@code $defs}. Annotations of mappers are not read: a mapper that renames
 * properties needs a schema of its own. Jackson 2 reads {@code Optional} only with its module
 * {@code jackson-datatype-jdk8}, and the types of {@code java.time} with {@code
 * jackson-datatype-jsr310}; Jackson 3 has both inside.
 *
 * <p>Thread-safe. It looks at types alone, and opens nothing that is not public.
 */
public final class JsonSchemas {
  private JsonSchemas() {}

  /**
   * The schema of a type.
   *
   * @param type a class, or a type with arguments, such as a mapper's type reference gives
   * @throws IllegalArgumentException for a type that is none of the above; names it and where it
   *     was found
   */
  public static String of(Type type) {
    return new TypeSchemas().document(requireNonNull(type, "type"));
  }
}
