package io.fundamentallm.commandline;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.Tokenizers;
import io.fundamentallm.fixtures.Run;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What else can be done with a model. */
class ModelCommandsTest {
  @Test
  void evaluate_measures_the_text_that_was_learned() throws Exception {
    Run words = SmallModel.shell().run("evaluate", "model", "text.txt");
    Run json = SmallModel.shell().run("evaluate", "model", "text.txt", "--json");

    assertThat(words.exit()).as(words.err()).isZero();
    assertThat(words.out()).startsWith("perplexity ").contains(" bits per byte (").hasLineCount(1);
    double perplexity = Double.parseDouble(words.out().split("[ ,]+", -1)[1]);
    // 30 characters occur in it
    assertThat(perplexity).isBetween(1.0, 20.0);
    assertThat(json.out())
        .startsWith("{\"file\":\"text.txt\",\"tokens\":")
        .contains("\"perplexity\":" + Math.floor(perplexity * 10) / 10)
        .contains("\"bitsPerByte\":")
        .hasLineCount(1);
  }

  @Test
  void score_finds_the_line_that_is_unlike_the_others() throws Exception {
    String lines = "must be in want of a wife.\nxq€ZQv fxx\n\nof a good fortune\n";

    Run all = SmallModel.shell().pipe(lines, "score", "model");
    Run odd = SmallModel.shell().pipe(lines, "score", "model", "--above", "5.5", "--json");

    assertThat(all.exit()).as(all.err()).isZero();
    List<String[]> rows = all.out().lines().map(line -> line.split("\t", -1)).toList();
    assertThat(rows).hasSize(4).allMatch(row -> row.length == 3);
    assertThat(rows.get(1)[2]).isEqualTo("xq€ZQv fxx");
    assertThat(rows.get(2)).containsExactly("0.00", "-", "");
    assertThat(bitsPerByte(rows, 1)).isGreaterThan(bitsPerByte(rows, 0) + 1);
    assertThat(odd.out())
        .hasLineCount(1)
        .startsWith("{\"line\":2,\"text\":\"xq€ZQv fxx\",\"bits\":")
        .contains("\"tokens\":[{\"id\":", ",\"text\":\"x\"}", ",\"text\":\"<|unk|>\"}");
  }

  private static double bitsPerByte(List<String[]> rows, int row) {
    return Double.parseDouble(rows.get(row)[1]);
  }

  @Test
  void tokenize_shows_ids_and_pieces() throws Exception {
    Run words = SmallModel.shell().pipe("a\nb", "tokenize", "model");
    Run json = SmallModel.shell().run("tokenize", "model", "--json", "It is");

    assertThat(words.exit()).as(words.err()).isZero();
    assertThat(words.out().lines().map(line -> line.split("\t", -1)[1]))
        .containsExactly("a", "\\n", "b");
    assertThat(json.out())
        .startsWith("{\"ids\":[")
        .contains(
            "\"pieces\":[\"I\",\"t\",\" \",\"i\",\"s\"],\"texts\":[\"I\",\"t\",\" \",\"i\",\"s\"]}")
        .hasLineCount(1);
  }

  @Test
  void what_is_learned_by_default_knows_every_character() throws Exception {
    Path folder = SmallModel.folder();
    String strange = "{\"größe\": 3}"; // none of which the text has
    assertThat(SmallModel.shell().run(SmallModel.train("any", "--steps=1")).exit()).isZero();
    assertThat(Tokenizers.load(folder.resolve("any")))
        .satisfies(any -> assertThat(any.decode(any.encode(strange))).isEqualTo(strange));
  }

  @Test
  void convert_writes_a_graph_with_all_that_belongs_to_it() throws Exception {
    Path folder = SmallModel.folder();

    Run whole = Shell.in(folder).run("convert", "model", "--to=onnx", "--out=onnx");
    Run small =
        Shell.in(folder)
            .run(
                "convert",
                "model",
                "--to=onnx",
                "--weights=int4",
                "--rounded-inputs",
                "--out=small");

    assertThat(whole.exit()).as(whole.err()).isZero();
    assertThat(whole.out()).startsWith("wrote onnx").hasLineCount(1);
    assertThat(folder.resolve("onnx"))
        .isDirectoryContaining("glob:**model.onnx")
        .isDirectoryContaining("glob:**config.json")
        .isDirectoryContaining("glob:**tokenizer.json");
    assertThat(small.exit()).as(small.err()).isZero();
    assertThat(Files.size(folder.resolve("small/model.onnx")))
        .isLessThan(Files.size(folder.resolve("onnx/model.onnx")));
  }

  @Test
  void what_was_converted_runs_with_the_same_program() throws Exception {
    Shell shell = Shell.in(SmallModel.folder());
    assertThat(shell.run("convert", "model", "--to=onnx", "--out=graph").exit()).isZero();

    String[] more = {"--prompt=It is", "--sampler=greedy", "--max-tokens=20"};
    Run graph = shell.run("generate", "graph", more[0], more[1], more[2]);
    Run model = shell.run("generate", "model", more[0], more[1], more[2]);

    assertThat(graph.exit()).as(graph.err()).isZero();
    assertThat(graph.out()).isEqualTo(model.out()).hasSizeGreaterThan(10);
    assertThat(shell.run("inspect", "graph").out()).contains("runtime        gpu can: ");
  }

  @Test
  void a_gguf_file_is_converted_with_configuration_and_tokenizer() throws Exception {
    Shell shell = Shell.in(SmallModel.folder());
    TinyGguf.write(SmallModel.folder().resolve("tiny.gguf"));

    Run run = shell.run("convert", "tiny.gguf", "--to=onnx", "--out=from-gguf");

    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(SmallModel.folder().resolve("from-gguf"))
        .isDirectoryContaining("glob:**model.onnx")
        .isDirectoryContaining("glob:**config.json")
        .isDirectoryContaining("glob:**tokenizer.gguf");
    String[] more = {"--prompt=It is", "--sampler=greedy", "--max-tokens=12"};
    Run graph = shell.run("generate", "from-gguf", more[0], more[1], more[2]);
    Run file = shell.run("generate", "tiny.gguf", more[0], more[1], more[2]);
    assertThat(graph.exit()).as(graph.err()).isZero();
    assertThat(graph.out()).isEqualTo(file.out());
  }

  @Test
  void a_gguf_file_is_written_in_smaller_forms_and_runs() throws Exception {
    Shell shell = Shell.in(SmallModel.folder());
    TinyGguf.write(SmallModel.folder().resolve("tiny.gguf"));

    Run whole = shell.run("convert", "tiny.gguf", "--to=gguf", "--out=gguf/whole.gguf");
    Run small =
        shell.run("convert", "tiny.gguf", "--to=gguf", "--weights=bf16", "--out=gguf/small.gguf");

    assertThat(whole.exit()).as(whole.err()).isZero();
    assertThat(whole.out()).startsWith("wrote gguf").hasLineCount(1);
    assertThat(small.exit()).as(small.err()).isZero();
    assertThat(Files.size(SmallModel.folder().resolve("gguf/small.gguf")))
        .isLessThan(Files.size(SmallModel.folder().resolve("gguf/whole.gguf")));
    String[] more = {"--prompt=It is", "--sampler=greedy", "--max-tokens=12"};
    Run written = shell.run("generate", "gguf/whole.gguf", more[0], more[1], more[2]);
    Run read = shell.run("generate", "tiny.gguf", more[0], more[1], more[2]);
    assertThat(written.exit()).as(written.err()).isZero();
    assertThat(written.out()).isEqualTo(read.out());
  }

  @Test
  void inspect_tells_what_is_there_and_what_loads_it() throws Exception {
    Run run = SmallModel.shell().run("inspect", "model", "--explain");

    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("model.safetensors", "architecture   gpt2")
        .contains("1 layers, 2 heads, hidden size 32, context of 32 tokens")
        .contains("parameters     ", "f32 on cpu (", " of them special, begin <|begin|>")
        .contains("tokenizer      huggingface can: ", "runtime        cpu can: ")
        .contains("sampler stage:", "CpuRuntimeProvider", ": chosen");
  }
}
