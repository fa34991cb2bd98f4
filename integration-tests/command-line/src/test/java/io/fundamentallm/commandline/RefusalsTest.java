package io.fundamentallm.commandline;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.fixtures.Jdk;
import io.fundamentallm.fixtures.Run;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What is wrong is said in one line; the exit code tells a wrong command line from a failure. */
class RefusalsTest {
  /** Names that only a program in Java knows. */
  private static final String JAVA =
      "ContextPolicy|DecodingOptions|TrainingPlan|\\w+NewTokens|\\bcontextLength\\b|batchSize [0-9-]"
          + "|with resume|PT-?[0-9]|\\bjava\\.|\\bwith[A-Z]|Exception";

  @Test
  void a_wrong_command_line() throws Exception {
    refused(2, "Missing required subcommand (see: fundamentallm --help)");
    refused(
        2,
        "Unknown option: '--frown' (see: fundamentallm generate --help)",
        "generate",
        "model",
        "--frown");
    refused(2, "no command named \"trian\". Did you mean \"train\"? (see: ", "trian", "text.txt");
    refused(2, "no command named \"frob\"; there are train, ", "frob");
    refused(2, "Did you mean \"--max-tokens\"? (see: ", "generate", "model", "--max-token", "5");
    refused(2, "Did you mean \"--max-tokens\"? (see: ", "generate", "model", "--max-token=5");
    refused(
        2,
        "'--top-p=0.9'. Write --sampler temperature=0.7,top-p=0.9 (see: fundamentallm generate",
        "generate",
        "model",
        "--temperature",
        "0.7",
        "--top-p=0.9");
    refused(2, "Write --sampler greedy (see: ", "generate", "model", "--greedy");
    refused(2, "'--temperature', 'x' (see: ", "generate", "model", "--temperature", "x");
    refused(2, "'--temperature=1' (see: ", "inspect", "model", "--temperature=1");
    refused(2, "'x' is not a whole number, such as 8", SmallModel.train("refused", "--steps", "x"));
    refused(2, "\"10\" is no time: write 30s", SmallModel.train("refused", "--budget", "10"));
    refused(
        2,
        "is not a divisor of hidden-size=32",
        "train",
        "text.txt",
        "--out=refused",
        "--architecture=gpt2(hidden-size=32,heads=3)");
    refusedTraining(
        "no optimizer \"adam\". Did you mean \"adamw\"? There are adamw, lion, muon, sgd",
        "--optimizer=adam");
    refusedTraining("no schedule \"cosin\". Did you mean \"cosine\"?", "--schedule=cosin");
    refusedTraining("no architecture \"rwkv\"; there are auto, gpt2, llama", "--architecture=rwkv");
    refusedTraining("optimizer \"lion\" has no option \"beta\"", "--optimizer=lion(beta=0.9)");
    refusedTraining("\"layers\" cannot be changed", "--resume", "--changed=layers");
    refusedTraining("add --resume", "--changed=steps");
    refused(2, "Did you mean \"top-p\"?", "generate", "model", "--sampler=topp=0.9");
    refused(2, "no runtime named \"tpu\"", "generate", "model", "--runtime=tpu");
    refused(2, "option \"thread\"", "generate", "model", "--runtime=cpu(thread=1)");
    refused(2, "option \"threads\"", "inspect", "model", "--runtime=cpu(threads=0)");
    refused(2, "expected one name", "generate", "model", "--runtime=cpu,cpu");
    refused(2, "expected one of [ONNX, GGUF]", "convert", "model", "--to=tflite", "--out=refused");
    refused(2, "--out: expected a file", "convert", "model", "--to=gguf", "--out=refused");
    refused(
        2,
        "--weights=int8 is not for gguf; expected one of f32, f16, bf16, q8_0, q4_0, q4_k_m, q6_k",
        "convert",
        "model",
        "--to=gguf",
        "--weights=int8",
        "--out=refused/a.gguf");
    refused(
        2,
        "--weights=q6_k is not for onnx; expected one of f32, f16, int8, int4",
        "convert",
        "model",
        "--to=onnx",
        "--weights=q6_k",
        "--out=refused");
    refused(
        2,
        "--adapter-only needs --adapter",
        "convert",
        "model",
        "--to=gguf",
        "--adapter-only",
        "--out=refused/a.gguf");
    assertThat(SmallModel.folder().resolve("refused")).doesNotExist();
  }

  @Test
  void options_are_told_by_their_own_names() throws Exception {
    refusedTraining("--steps 0 is not at least 1", "--steps=0");
    refusedTraining("--batch-size 0 is not at least 1", "--batch-size=0");
    refusedTraining("--context-length -1 is not at least 1", "--context-length=-1");
    refusedTraining("--accumulation 0 is not at least 1", "--accumulation=0");
    refusedTraining("--warmup-steps -1 is negative", "--warmup-steps=-1");
    refusedTraining("--epochs -1 is not at least 1", "--epochs=-1");
    refusedTraining("--dropout 2.0 is not in [0, 1)", "--dropout=2");
    refusedTraining("--validation 1.0 is not in [0, 1)", "--validation=1");
    refusedTraining("--validate-every 0 is not at least 1", "--validate-every=0");
    refusedTraining("--patience -1 is not at least 0", "--patience=-1");
    refusedTraining("--checkpoint-every -1 is negative", "--checkpoint-every=-1");
    refusedTraining("--learning-rate, --minimum-learning-rate ", "--minimum-learning-rate=-1");
    refusedTraining("'--budget': \"0s\" is no time: write 30s", "--budget=0s");
    refusedTraining("--lora 0 is not a rank of at least 1", "--from=model", "--lora=0");
    refusedTraining(
        "--replay-share 1.5 is not in (0, 1)",
        "--from=model",
        "--replay=a.txt",
        "--replay-share=1.5");
    refused(2, "--max-tokens -1 is negative", "generate", "model", "--max-tokens=-1");
    for (String port : List.of("99999", "-1")) {
      refused(2, "--port " + port + " is not in [0, 65535]", "serve", "model", "--port=" + port);
    }
  }

  @Test
  void a_training_in_the_way_is_continued_with_an_option() throws Exception {
    String[] first = SmallModel.train("again", "--steps=4", "--checkpoint-every=2");
    assertThat(SmallModel.shell().run(first).exit()).isZero();

    failedLater("continue from it with --resume, or delete it", first);
    failedLater(
        "or name what is to differ: --changed=steps",
        SmallModel.train("again", "--steps=6", "--checkpoint-every=2", "--resume"));
    failedLater(
        "already, and the command line says 3",
        SmallModel.train(
            "again", "--steps=3", "--checkpoint-every=2", "--resume", "--changed=steps"));
  }

  /** Once the text is read, of which lines tell. */
  private static void failedLater(String message, String... arguments) throws Exception {
    Run run = SmallModel.shell().run(arguments);
    assertThat(run.exit()).as(run.err()).isEqualTo(1);
    assertThat(run.err()).contains(message).doesNotContainPattern(JAVA);
  }

  @Test
  void what_is_not_there() throws Exception {
    refused(1, "missing does not exist", "generate", "missing", "--prompt=It");
    refused(1, "missing.txt does not exist", "train", "missing.txt", "--out=refused");
    refused(1, "missing.txt does not exist", "evaluate", "model", "missing.txt");
    refused(
        1, "model is a directory; name the text files in it", "train", "model", "--out=refused");
  }

  @Test
  void onnx_runtime_that_is_missing_is_asked_for_where_the_program_looks() throws Exception {
    Path alone = copy("alone");
    Files.move(alone.resolve("model.safetensors"), alone.resolve("model.onnx"));
    Path jar = Files.copy(Shell.jar(), alone.resolve("fundamentallm.jar"));
    for (List<String> asked : List.of(List.of("model", "--runtime=gpu"), List.of("alone"))) {
      List<String> arguments = new ArrayList<>(List.of("-jar", jar.toString(), "inspect"));
      arguments.addAll(asked);
      Run run = SmallModel.shell().run(Jdk.running().command(arguments), "");
      assertThat(run.exit()).as(run.err()).isPositive();
      assertThat(run.err())
          .contains("com.microsoft.onnxruntime:onnxruntime_gpu")
          .containsOnlyOnce(". java -jar takes ONNX Runtime's jar from beside the program's own")
          .hasLineCount(1);
    }
  }

  @Test
  void a_directory_without_a_model_is_not_blamed_on_the_jar() throws Exception {
    Files.createDirectory(SmallModel.folder().resolve("nothing"));
    Run run = SmallModel.shell().run("generate", "nothing", "--prompt=It");
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err()).contains("no tokenizer can be loaded from ").doesNotContain("META-INF");
  }

  @Test
  void a_file_of_a_model_in_place_of_its_directory() throws Exception {
    String hint = " | But the directory that it is in can be loaded: name model";
    for (String file : List.of("model.safetensors", "config.json", "tokenizer.json")) {
      refused(1, hint, "generate", "model/" + file, "--prompt=It");
      refused(1, hint, "generate", "model/" + file, "--prompt=It", "--runtime=cpu");
    }
  }

  @Test
  void a_sampler_that_there_is_none_of_is_not_blamed_on_the_jar() throws Exception {
    Run run = SmallModel.shell().run("generate", "model", "--prompt=It", "--sampler=nucleus");
    assertThat(run.err())
        .contains("no sampler stage named \"nucleus\". Did you mean \"top-p\"? Found: ")
        .doesNotContain("META-INF", "artifact");
    run = SmallModel.shell().run("generate", "model", "--prompt=It", "--sampler=surprise");
    assertThat(run.err())
        .contains("no sampler stage named \"surprise\". Found: ")
        .doesNotContain("META-INF", "artifact");
  }

  @Test
  void a_heap_that_is_too_small() throws Exception {
    Shell shell = SmallModel.shell();
    List<String> train =
        List.of(
            "-Xmx24m",
            "-jar",
            Shell.jar().toString(),
            "train",
            "text.txt",
            "--out=little",
            "--budget=2s");
    Run run = shell.run(shell.jdk().command(train), "");
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err()).contains("heap", "-Xmx").hasLineCount(1);
    assertThat(Failures.oneLine(new OutOfMemoryError("Java heap space")))
        .matches("the heap of at most \\d+ MiB is too small\\. Start the program with .* -Xmx4g");
    assertThat(Failures.oneLine(new OutOfMemoryError("unable to create native thread")))
        .isEqualTo("java.lang.OutOfMemoryError: unable to create native thread");
  }

  @Test
  void a_model_that_was_cut_off() throws Exception {
    cut("model.safetensors", "cut-weights");
    cut("config.json", "cut-config");
    cut("tokenizer.json", "cut-tokenizer");

    refused(1, "model.safetensors: ", "generate", "cut-weights", "--prompt=It");
    refused(1, "config.json: malformed JSON at byte 60", "inspect", "cut-config");
    refused(1, "tokenizer.json, line ", "tokenize", "cut-tokenizer", "It");
  }

  @Test
  void what_was_found_is_listed_before_the_failure_too() throws Exception {
    Files.delete(copy("unnamed").resolve("tokenizer.json"));
    Run run = SmallModel.shell().run("inspect", "unnamed", "--explain");
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.out()).contains("io.fundamentallm.runtime.cpu.CpuRuntimeProvider");
    assertThat(run.err()).contains("no tokenizer can be loaded from ").hasLineCount(1);
  }

  @Test
  void first_mistakes_are_told_in_plain_words() throws Exception {
    refused(
        1,
        "text.txt is no model: expected a directory or a .gguf file",
        "generate",
        "text.txt",
        "--prompt=It");
    refused(2, "CUDA is used by \"gpu\", which runs ONNX", "generate", "model", "--runtime=cuda");
    refusedTraining("\"gpu\" only runs models", "--trainer=gpu");
    refusedTraining("'abc' is not a number, such as 0.001", "--learning-rate=abc");
    refusedTraining("'1.5' is not a whole number, such as 8", "--steps=1.5");
    refused(
        2,
        "the sampler is empty; write a stage, such as greedy",
        "generate",
        "model",
        "--sampler=");
    refused(
        2,
        "stages are separated by \",\"; found \";\" at position 15",
        "generate",
        "model",
        "--sampler=temperature=0.8;top-p=0.9");
  }

  @Test
  void a_graph_does_not_replace_that_of_another_model_with_the_same_configuration()
      throws Exception {
    Path other = copy("other");
    String[] convert = "convert other --to=onnx --out=other --weights=int8".split(" ");
    assertThat(SmallModel.shell().run(convert).exit()).isZero();
    byte[] graph = Files.readAllBytes(other.resolve("model.onnx"));
    refused(
        1,
        "other has files that are not of this model, such as model.safetensors; write into an",
        "convert model --to=onnx --out=other".split(" "));
    assertThat(other.resolve("model.onnx")).hasBinaryContent(graph);
    assertThat(SmallModel.shell().run(convert).exit()).as("its own again").isZero();
  }

  @Test
  void a_conversion_that_broke_off_can_be_repeated() throws Exception {
    Path model = SmallModel.folder().resolve("model");
    Path half = Files.createDirectory(SmallModel.folder().resolve("half"));
    for (String name : List.of("config.json", "generation_config.json", "tokenizer.json")) {
      Files.copy(model.resolve(name), half.resolve(name)); // the disk was full
    }
    Files.writeString(half.resolve("model.onnx.0123456789abcdef.tmp"), "half of"); // or a kill
    String[] convert = "convert model --to=onnx --out=half".split(" ");
    Run again = SmallModel.shell().run(convert);
    assertThat(again.exit()).as(again.err()).isZero();
    Files.delete(half.resolve("model.onnx"));
    Files.writeString(half.resolve("tokenizer.json"), "{}");
    refused(1, "half has files that are not of this model, such as tokenizer.json", convert);
  }

  @Test
  void what_is_read_is_not_replaced() throws Exception {
    Path questions = SmallModel.folder().resolve("questions.jsonl");
    Files.writeString(questions, "{\"query\": \"It\", \"choices\": [\"is\", \"a\"], \"gold\": 0}");
    Run converted = SmallModel.shell().run("convert model --to=gguf --out=once.gguf".split(" "));
    assertThat(converted.exit()).as(converted.err()).isZero();
    notReplaced("text.txt", SmallModel.train("read", "--steps=1", "--csv=text.txt"));
    notReplaced("text.txt", SmallModel.train("read", "--steps=1", "--report=./text.txt"));
    notReplaced(
        "questions.jsonl",
        "evaluate model questions.jsonl --task=multiple_choice --out=questions.jsonl".split(" "));
    notReplaced(
        "once.gguf", "convert once.gguf --to=gguf --weights=q8_0 --out=once.gguf".split(" "));
  }

  private static void notReplaced(String name, String... arguments) throws Exception {
    Path read = SmallModel.folder().resolve(name);
    byte[] before = Files.readAllBytes(read);
    refused(2, name + " is read, and would be replaced; name another file", arguments);
    assertThat(read).hasBinaryContent(before);
  }

  @Test
  void a_directory_of_others_is_not_written_to() throws Exception {
    Path foreign = copy("foreign");
    Files.deleteIfExists(foreign.resolve(".training.lock"));
    byte[] config = Files.readAllBytes(foreign.resolve("config.json"));
    String[] train = SmallModel.train("foreign", "--steps=1");
    refused(1, "foreign has files that no training wrote: config.json, ", train);
    refused(1, "or add --overwrite to replace files there", train);
    refused(
        1,
        "has files that are not of this model",
        "convert model --to=onnx --out=foreign".split(" "));
    assertThat(foreign.resolve("config.json")).hasBinaryContent(config);
    assertThat(foreign.resolve(".training.lock")).doesNotExist();
    assertThat(
            SmallModel.shell().run(SmallModel.train("foreign", "--steps=1", "--overwrite")).exit())
        .isZero();
    for (int time = 0; time < 2; time++) { // the second replaces the first
      assertThat(SmallModel.shell().run("convert", "model", "--to=onnx", "--out=graph").exit())
          .isZero();
    }
    String empty = "expected a path, found an empty text; is a variable not set?";
    refused(2, empty, "train", "text.txt", "--out=", "--steps=1");
    refused(2, empty, "convert", "model", "--to=onnx", "--out=");
    refused(2, empty, "generate", "");
    assertThat(SmallModel.folder().resolve("config.json")).doesNotExist();
  }

  @Test
  void what_is_wrong_with_a_model_is_the_same_failure_whatever_runs_it() throws Exception {
    String[] larger = SmallModel.train("larger", "--steps=1", "--tokenizer=bpe(vocab-size=300)");
    assertThat(SmallModel.shell().run(larger).exit()).isZero();
    Path folder = SmallModel.folder();
    Files.copy(
        folder.resolve("larger/tokenizer.json"),
        copy("misfit").resolve("tokenizer.json"),
        StandardCopyOption.REPLACE_EXISTING);
    String[] large = SmallModel.train("large", "--steps=1", "--tokenizer=bpe(vocab-size=700)");
    assertThat(SmallModel.shell().run(large).exit()).isZero();
    String[] letters = SmallModel.train("letters", "--steps=1", "--tokenizer=character");
    assertThat(SmallModel.shell().run(letters).exit()).isZero();
    Files.copy(
        folder.resolve("letters/tokenizer.json"),
        folder.resolve("large/tokenizer.json"),
        StandardCopyOption.REPLACE_EXISTING);
    Files.delete(copy("mute").resolve("tokenizer.json"));
    Path config = copy("mamba").resolve("config.json");
    Files.writeString(config, Files.readString(config).replace("\"gpt2\"", "\"mamba\""));

    for (String[] runtime : new String[][] {{}, {"--runtime=cpu"}}) {
      refused(1, "they do not belong together", with(runtime, "generate", "misfit"));
      refused(1, "they do not belong together", with(runtime, "score", "misfit"));
      refused(1, "they do not belong together", with(runtime, "generate", "large"));
      refused(1, "they do not belong together", with(runtime, "score", "large"));
      refused(1, "tokenizer", with(runtime, "generate", "mute"));
      refused(1, "mamba", with(runtime, "generate", "mamba"));
    }
  }

  @Test
  void where_it_came_from_is_printed_when_asked_for() throws Exception {
    Run run = SmallModel.shell().run("inspect", "missing", "--stacktrace");

    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err()).contains("missing does not exist", "\tat io.fundamentallm.commandline.");
  }

  /** Before the text is read, which is not there. */
  private static void refusedTraining(String message, String... options) throws Exception {
    refused(2, message, with(options, "train", "missing.txt", "--out=refused"));
  }

  private static void refused(int exit, String message, String... arguments) throws Exception {
    Run run = SmallModel.shell().run(arguments);
    assertThat(run.exit()).as(run.err()).isEqualTo(exit);
    assertThat(run.err()).startsWith("fundamentallm: ").contains(message).hasLineCount(1);
    assertThat(run.err()).doesNotContainPattern(JAVA);
    assertThat(run.out()).isEmpty();
  }

  private static String[] with(String[] more, String... arguments) {
    return Stream.of(arguments, more).flatMap(Arrays::stream).toArray(String[]::new);
  }

  /** A copy of the model, one of whose files ends too early. */
  private static void cut(String cut, String copy) throws IOException, InterruptedException {
    Path file = copy(copy).resolve(cut);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(60);
    }
  }

  private static Path copy(String copy) throws IOException, InterruptedException {
    Path to = Files.createDirectories(SmallModel.folder().resolve(copy));
    for (String file : new String[] {"config.json", "model.safetensors", "tokenizer.json"}) {
      Files.copy(SmallModel.folder().resolve("model").resolve(file), to.resolve(file));
    }
    return to;
  }
}
