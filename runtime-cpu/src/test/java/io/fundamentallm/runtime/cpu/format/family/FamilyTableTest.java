package io.fundamentallm.runtime.cpu.format.family;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.runtime.cpu.format.spec.Family;
import io.fundamentallm.runtime.cpu.format.spec.Part;
import io.fundamentallm.runtime.cpu.format.spec.Trait;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** The README's table of families is what the descriptions say. */
class FamilyTableTest {
  private record Rule(String words, Predicate<Family> holds) {}

  private static final List<Rule> RULES =
      List.of(
          new Rule("LayerNorm", family -> family.has(Trait.LAYER_NORM)),
          new Rule("position table", family -> family.names().has(Part.POSITIONS)),
          new Rule(
              "no gate",
              family ->
                  !family.names().has(Part.GATE)
                      && !family.names().has(Part.GATE_UP)
                      && !family.names().has(Part.EXPERT_GATE)),
          new Rule("experts", family -> family.names().has(Part.ROUTER)),
          new Rule("biases and limits of experts", family -> family.has(Trait.EXPERT_BIASES)),
          new Rule("sinks", family -> family.names().has(Part.SINKS)),
          new Rule("experts in MXFP4", family -> family.names().fusedExperts()),
          new Rule("an expert for all tokens", family -> family.names().has(Part.SHARED_UP)),
          new Rule("parallel residuals", reads("use_parallel_residual")),
          new Rule(
              "norms before and after layers",
              family -> family.names().has(Part.AFTER1) && family.names().has(Part.NORM1)),
          new Rule(
              "norms after layers",
              family -> family.names().has(Part.AFTER1) && !family.names().has(Part.NORM1)),
          new Rule(
              "norms of queries and keys",
              family ->
                  family.names().has(Part.QUERY_NORM) && !family.has(Trait.WIDE_QUERY_KEY_NORM)),
          new Rule(
              "norms of queries and keys over all heads",
              family -> family.has(Trait.WIDE_QUERY_KEY_NORM)),
          new Rule("scaled embeddings", family -> family.has(Trait.ROOT_EMBEDDING)),
          new Rule("query scale", reads("query_pre_attn_scalar")),
          new Rule("soft caps", reads("attn_logit_softcapping")),
          new Rule("four multipliers", reads("embedding_multiplier")),
          new Rule("windows", reads("sliding_window")),
          new Rule("two rotary bases", reads("rope_local_base_freq")),
          new Rule("partly rotated heads", reads("partial_rotary_factor")),
          new Rule("LongRoPE", reads("original_max_position_embeddings")),
          new Rule("layers without positions", reads("no_rope_layers")));

  private static Predicate<Family> reads(String key) {
    return family -> family.reads(key);
  }

  private static List<String> table() {
    List<String> lines = new ArrayList<>();
    lines.add("| `model_type` | class in transformers | in GGUF | rules beyond Llama's |");
    lines.add("|---|---|---|---|");
    for (Family family : Families.all()) {
      List<String> rules =
          RULES.stream().filter(rule -> rule.holds.test(family)).map(Rule::words).toList();
      lines.add(
          "| `%s` | %s | `%s` | %s |"
              .formatted(
                  family.type(),
                  family.className(),
                  family.gguf().architecture(),
                  String.join(", ", rules)));
    }
    return lines;
  }

  @Test
  void the_page_has_the_table_of_the_descriptions() throws IOException {
    List<String> page = Files.readAllLines(Path.of("README.md"));
    int from = page.indexOf(table().get(0));
    assertThat(from)
        .as("where the table begins; it is\n%s", String.join("\n", table()))
        .isPositive();
    int to = from;
    while (page.get(to).startsWith("|")) {
      to++;
    }
    assertThat(page.subList(from, to)).isEqualTo(table());
  }

  @Test
  void every_family_can_be_found_and_none_twice() {
    assertThat(Families.all()).extracting(Family::type).doesNotHaveDuplicates().isSorted();
    for (Family family : Families.all()) {
      assertThat(Families.named(family.type())).isSameAs(family);
      assertThat(family.keys()).doesNotContainValue(Map.of());
      if (!family.has(Trait.TEXT_CONFIG)) {
        assertThat(Families.ofGguf(family.gguf().architecture())).contains(family);
      }
    }
  }
}
