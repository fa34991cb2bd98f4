package io.fundamentallm.jsonschemas;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonSchemasTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  enum Row {
    FRONT,
    BACK
  }

  record Seat(Row row, boolean free) {}

  record Scalars(
      String text,
      int whole,
      Long wide,
      byte small,
      double fraction,
      LocalDate day,
      Instant moment,
      UUID id) {}

  record Holder(List<Seat> seats, int[] numbers, Map<String, Seat> named) {}

  record Sparse(Optional<Seat> seat, OptionalInt number) {}

  record Tree(String name, List<Tree> children) {}

  record Page<T>(List<T> items, T first) {}

  record Pages(Page<Seat> seats, Page<String> words) {}

  interface Person {
    String getName();

    boolean isOpen();

    int age();

    default int years() {
      return age();
    }

    static int none() {
      return 0;
    }
  }

  sealed interface Figure permits Circle, Square {
    int area();
  }

  record Circle(int radius) implements Figure {
    @Override
    public int area() {
      return 3 * radius * radius;
    }
  }

  record Square(int side) implements Figure {
    @Override
    public int area() {
      return side * side;
    }
  }

  sealed interface Sum permits Constant, Plus {}

  record Constant(int value) implements Sum {}

  record Plus(Sum left, Sum right) implements Sum {}

  sealed interface Shapeless permits Plain {}

  static final class Plain implements Shapeless {}

  record Anything(List<Object> what) {}

  @SuppressWarnings("rawtypes")
  record Raw(List what) {}

  record Numbered(Map<Integer, String> what) {}

  @Test
  void a_records_components_are_properties_in_their_order() {
    assertThat(JsonSchemas.of(Seat.class))
        .isEqualTo(
            "{\"type\":\"object\",\"properties\":{\"row\":{\"enum\":[\"FRONT\",\"BACK\"]},"
                + "\"free\":{\"type\":\"boolean\"}},\"required\":[\"row\",\"free\"],"
                + "\"additionalProperties\":false}");
  }

  @Test
  void scalars_have_their_types_bounds_and_formats() throws Exception {
    JsonNode properties = read(JsonSchemas.of(Scalars.class)).get("properties");

    assertThat(properties.get("text")).hasToString("{\"type\":\"string\"}");
    assertThat(properties.get("whole"))
        .hasToString("{\"type\":\"integer\",\"minimum\":-2147483648,\"maximum\":2147483647}");
    assertThat(properties.get("wide").get("maximum").longValue()).isEqualTo(Long.MAX_VALUE);
    assertThat(properties.get("small").get("minimum").intValue()).isEqualTo(-128);
    assertThat(properties.get("fraction")).hasToString("{\"type\":\"number\"}");
    assertThat(properties.get("day").get("format").textValue()).isEqualTo("date");
    assertThat(properties.get("moment").get("format").textValue()).isEqualTo("date-time");
    assertThat(properties.get("id").get("format").textValue()).isEqualTo("uuid");
  }

  @Test
  void lists_arrays_and_maps_hold_what_they_are_of() throws Exception {
    JsonNode properties = read(JsonSchemas.of(Holder.class)).get("properties");
    JsonNode seat = read(JsonSchemas.of(Seat.class));

    assertThat(properties.get("seats").get("items")).isEqualTo(seat);
    assertThat(properties.get("numbers").get("items").get("type").textValue()).isEqualTo("integer");
    assertThat(properties.get("named").get("additionalProperties")).isEqualTo(seat);
    assertThat(read(JsonSchemas.of(new TypeReference<List<Seat>>() {}.getType())))
        .isEqualTo(properties.get("seats"));
  }

  @Test
  void what_is_optional_is_not_required() throws Exception {
    JsonNode sparse = read(JsonSchemas.of(Sparse.class));

    assertThat(sparse.get("required")).isEmpty();
    assertThat(sparse.get("properties").get("seat")).isEqualTo(read(JsonSchemas.of(Seat.class)));
    assertThat(sparse.get("properties").get("number").get("type").textValue()).isEqualTo("integer");
  }

  @Test
  void what_contains_itself_is_defined_once() {
    assertThat(JsonSchemas.of(Tree.class))
        .isEqualTo(
            "{\"$ref\":\"#/$defs/Tree\",\"$defs\":{\"Tree\":{\"type\":\"object\",\"properties\":{"
                + "\"name\":{\"type\":\"string\"},\"children\":{\"type\":\"array\",\"items\":{"
                + "\"$ref\":\"#/$defs/Tree\"}}},\"required\":[\"name\",\"children\"],"
                + "\"additionalProperties\":false}}}");
  }

  @Test
  void variables_stand_for_what_their_place_says() throws Exception {
    JsonNode properties = read(JsonSchemas.of(Pages.class)).get("properties");

    assertThat(properties.get("seats").get("properties").get("first"))
        .isEqualTo(read(JsonSchemas.of(Seat.class)));
    assertThat(properties.get("words").get("properties").get("items").get("items"))
        .hasToString("{\"type\":\"string\"}");
    assertThatThrownBy(() -> JsonSchemas.of(Page.class))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("T");
  }

  @Test
  void an_interfaces_methods_are_properties_without_their_prefixes() throws Exception {
    assertThat(read(JsonSchemas.of(Person.class)).get("required"))
        .hasToString("[\"age\",\"name\",\"open\"]");
  }

  @Test
  void a_sealed_interface_is_any_of_what_it_permits() {
    String circle = JsonSchemas.of(Circle.class);
    assertThat(JsonSchemas.of(Figure.class))
        .isEqualTo("{\"anyOf\":[" + circle + "," + JsonSchemas.of(Square.class) + "]}");
  }

  @Test
  void a_sealed_interface_may_contain_itself() throws Exception {
    JsonNode all = read(JsonSchemas.of(Sum.class));
    assertThat(all.get("$ref").textValue()).isEqualTo("#/$defs/Sum");
    JsonNode plus = all.get("$defs").get("Sum").get("anyOf").get(1);
    assertThat(plus.get("properties").get("left")).hasToString("{\"$ref\":\"#/$defs/Sum\"}");
  }

  @Test
  void what_a_sealed_interface_permits_is_refused_with_its_place() {
    assertThatThrownBy(() -> JsonSchemas.of(Shapeless.class))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll("Shapeless", "Plain", "which has no schema");
  }

  @Test
  void a_map_of_anything_is_refused_once() {
    assertThatThrownBy(() -> JsonSchemas.of(Map.class))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(
            "java.util.Map without type arguments has no schema: use a record,");
  }

  @Test
  void keys_of_a_map_other_than_text_are_refused() {
    assertThatThrownBy(() -> JsonSchemas.of(Numbered.class))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageEndingWith(
            "Numbered.what is a Map with keys of the type java.lang.Integer; the names in a JSON"
                + " object are text: use String for the keys");
  }

  @ParameterizedTest
  @ValueSource(classes = {Anything.class, Raw.class})
  void what_has_no_schema_is_refused_with_its_place(Class<?> type) {
    assertThatThrownBy(() -> JsonSchemas.of(type))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(type.getSimpleName() + ".what", "which has no schema");
  }

  private static JsonNode read(String json) throws Exception {
    return MAPPER.readTree(json);
  }
}
