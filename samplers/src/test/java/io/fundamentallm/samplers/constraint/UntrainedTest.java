package io.fundamentallm.samplers.constraint;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.fundamentallm.Decoders;
import io.fundamentallm.Samplers;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.decoding.DecodingOptions;
import io.fundamentallm.decoding.FinishReason;
import io.fundamentallm.decoding.Generation;
import io.fundamentallm.decoding.Recipe;
import io.fundamentallm.decoding.Sampler;
import io.fundamentallm.text.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What a model without any training writes under a constraint: all of it is valid. */
class UntrainedTest {
  private static final int CONTEXT = 8192;

  private static final List<String> SCHEMAS =
      List.of(
          """
          {"type":"object","properties":{"name":{"type":"string","maxLength":12},
           "age":{"type":"integer","minimum":0,"maximum":150},
           "time":{"type":"string","format":"time"},"born":{"format":"date"}},
           "required":["name","age"],"additionalProperties":false}
          """,
          """
          {"type":"array","minItems":2,"maxItems":7,"items":{"anyOf":[
           {"type":"number","minimum":-1.25,"exclusiveMaximum":100},{"enum":["a","b",null,true]},
           {"type":"string","pattern":"^[a-z]{2,5}(-[0-9]+)?$","maxLength":9}]}}
          """,
          """
          {"$defs":{"tree":{"type":"object","properties":{"value":{"type":"integer"},
           "children":{"type":"array","maxItems":2,"items":{"$ref":"#/$defs/tree"}}},
           "required":["value"]}},"$ref":"#/$defs/tree"}
          """,
          """
          {"allOf":[{"type":"object","properties":{"a":{"type":"integer","multipleOf":7}},
           "required":["a"]},{"properties":{"a":{"minimum":0,"maximum":500},
           "b":{"type":"string","minLength":1,"maxLength":4}},"required":["b"]}]}
          """,
          """
          {"type":"object","properties":{"id":{"format":"uuid"},"at":{"format":"date-time"},
           "n":{"type":"number","multipleOf":0.01,"minimum":0}},
           "additionalProperties":{"type":["boolean","null"]}}
          """,
          """
          {"prefixItems":[{"type":"integer","exclusiveMinimum":-17,"exclusiveMaximum":2300},
           {"const":{"x":[1,"\\u00e9\\n"]}},{"type":"string","minLength":3,"maxLength":3}],
           "items":{"type":"boolean"},"minItems":2,"maxItems":5}
          """,
          """
          {"oneOf":[{"properties":{"kind":{"const":"circle"},
           "radius":{"type":"number","exclusiveMinimum":0}},"required":["kind","radius"]},
           {"properties":{"kind":{"const":"square"},"side":{"type":"integer","multipleOf":3,
           "minimum":0}},"required":["kind","side"]}]}
          """,
          """
          {"type":"array","items":{"enum":["x","y","z",1]},"uniqueItems":true,"minItems":1}
          """,
          """
          {"type":"object","required":["z"],"properties":{"s":{"pattern":"[A-Z][0-9]",
           "type":"string"}},"additionalProperties":{"type":"integer","maximum":-5}}
          """,
          """
          {"type":"object","properties":{"deep":{"type":"object","properties":{"deeper":{
           "type":"array","items":{"type":"array","items":{"type":"number"},"maxItems":2},
           "maxItems":2}},"required":["deeper"]},"ip":{"format":"ipv4"},
           "price":{"type":"number","minimum":0.005,"maximum":0.0125}},
           "required":["deep","price"]}
          """);

  @Test
  void hundreds_of_documents_of_ten_schemas_are_valid() {
    SchemaRegistry registry = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
    int valid = 0;
    for (String text : SCHEMAS) {
      var schema = registry.getSchema(text);
      valid +=
          count(
              "json-schema",
              text,
              40,
              document ->
                  schema
                      .validate(
                          document,
                          InputFormat.JSON,
                          context ->
                              context.executionConfig(
                                  config -> config.formatAssertionsEnabled(true)))
                      .isEmpty());
    }
    System.out.println(valid + " of 400 documents of untrained models are valid");
    assertThat(valid).isEqualTo(400);
  }

  @Test
  void a_hundred_texts_match_each_regular_expression() {
    for (String pattern :
        List.of(
            "[a-z]{1,8}(\\.[a-z]{1,8}){0,3}@(example|test)\\.(com|org)",
            "(é|😀|\\p{Lu}){3,9}",
            "\\d{4}-\\d{2}(-\\d{2})?|(?:ab?c*){5}")) {
      Pattern java = Pattern.compile(pattern);
      assertThat(count("regex", pattern, 100, text -> java.matcher(text).matches()))
          .as(pattern)
          .isEqualTo(100);
    }
  }

  @Test
  void a_hundred_texts_belong_to_each_grammar() {
    String sums =
        """
        # sums of numbers and sums in brackets
        root ::= term (" + " term){0,3}
        term ::= number | "(" root ")"
        number ::= [1-9] [0-9]{0,2}
        """;
    assertThat(count("grammar", sums, 100, UntrainedTest::isSum)).isEqualTo(100);
    String nested = "root ::= \"a\" root \"b\" | \"ab\"";
    assertThat(
            count(
                "grammar",
                nested,
                100,
                text -> text.equals("a".repeat(text.length() / 2) + "b".repeat(text.length() / 2))))
        .isEqualTo(100);
  }

  /** Takes away innermost brackets until nothing changes. */
  private static boolean isSum(String text) {
    String number = "[1-9][0-9]{0,2}";
    Pattern inner = Pattern.compile("\\(" + number + "( \\+ " + number + "){0,3}\\)");
    String rest = text;
    String before;
    do {
      before = rest;
      rest = inner.matcher(rest).replaceAll("1");
    } while (!rest.equals(before));
    return rest.matches(number + "( \\+ " + number + "){0,3}");
  }

  @Test
  void shallow_json_is_json() {
    var any =
        SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12).getSchema("true");
    Recipe<Sampler> spec = Samplers.parse("json(max-depth=1,max-whitespace=2)");
    int valid = 0;
    for (int i = 0; i < 100; i++) {
      String text = write(spec, i % 2 == 0 ? Bound.BYTES : pieces(), i);
      valid += any.validate(text, InputFormat.JSON).isEmpty() ? 1 : 0;
    }
    assertThat(valid).isEqualTo(100);
  }

  private static int count(String name, String value, int texts, Predicate<String> judge) {
    String written =
        name
            + "=\""
            + value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n")
            + "\"";
    Recipe<Sampler> spec = Samplers.parse(written);
    Tokenizer pieces = pieces();
    int valid = 0;
    for (int i = 0; i < texts; i++) {
      String text = write(spec, i % 2 == 0 ? Bound.BYTES : pieces, i);
      boolean holds = judge.test(text);
      assertThat(holds).as("%s: %s", value, text).isTrue();
      valid += holds ? 1 : 0;
    }
    return valid;
  }

  private static String write(Recipe<Sampler> sampler, Tokenizer tokenizer, long seed) {
    int end = tokenizer instanceof Pieces pieces ? pieces.end() : Bound.END;
    var info =
        ToyModel.info(tokenizer.vocabulary().size() + 3, CONTEXT).endTokens(Set.of(end)).build();
    try (ToyModel model = new ToyModel(info, ToyModel.hashing())) {
      DecodingOptions options =
          DecodingOptions.builder()
              .sampler(sampler)
              .tokenizer(tokenizer)
              .seed(seed)
              .maxNewTokens(CONTEXT - 1)
              .build();
      try (Generation generation =
          Decoders.sampling().decode(model, new int[] {(int) seed % 50}, options)) {
        StringBuilder text = new StringBuilder();
        generation.forEachRemaining(token -> text.append(token.text()));
        assertThat(generation.finishReason()).as(text.toString()).isEqualTo(FinishReason.END_TOKEN);
        return text.toString();
      }
    }
  }

  /** All bytes, pairs of letters, and what JSON is made of. */
  private static Pieces pieces() {
    List<byte[]> pieces = new ArrayList<>();
    for (int i = 0; i < 256; i++) {
      pieces.add(new byte[] {(byte) i});
    }
    for (int a = 'a'; a <= 'z'; a += 2) {
      for (int b = 'a'; b <= 'z'; b += 3) {
        pieces.add(Pieces.bytes(Character.toString(a) + Character.toString(b)));
      }
    }
    Arrays.stream(
            new String[] {
              "\":", "\": ", "\",", "\", \"", "\"}", "}]", "[\"", "{\"", " {\"", "true", "null",
              "é\"", "<C3>", "<A9>\"", "12", "345", "0.", ".5", "e+", "\\u00", "\\\"", " + (", "))"
            })
        .map(Pieces::bytes)
        .forEach(pieces::add);
    return new Pieces(pieces, false);
  }
}
