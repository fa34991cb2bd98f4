package io.fundamentallm.commandline;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.fixtures.Run;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Going on with a model: on conversations, on preferences, on more text. */
@Timeout(value = 20, unit = TimeUnit.MINUTES)
class TuningTest {
  private static final String CONVERSATION =
      "{\"messages\": [{\"role\": \"user\", \"content\": \"%s\"},"
          + " {\"role\": \"assistant\", \"content\": \"%s\"}]}%n";

  private static Path base() throws Exception {
    Path base = SmallModel.folder().resolve("base");
    if (!Files.exists(base)) {
      String[] train = SmallModel.train("base", "--steps=5", "--tokenizer=byte");
      assertThat(SmallModel.shell().run(train).exit()).isZero();
      Files.writeString(
          base.resolve("chat_template.jinja"),
          "{%- for m in messages %}{{- m['role'][0] + ':' + m['content'] + '\\n' }}{%- endfor %}"
              + "{%- if add_generation_prompt %}{{- 'a:' }}{%- endif %}");
    }
    return base;
  }

  private static Run train(String... options) throws Exception {
    base();
    return SmallModel.shell().run(options);
  }

  @Test
  void a_model_learns_conversations_then_preferences_then_text() throws Exception {
    Path folder = SmallModel.folder();
    StringBuilder lines = new StringBuilder();
    for (String word : List.of("one", "two", "three", "four", "five", "six")) {
      lines.append(CONVERSATION.formatted(word, word.toUpperCase(Locale.ROOT)));
    }
    Files.writeString(folder.resolve("conversations.jsonl"), lines.toString());
    Run supervised =
        train(
            "train",
            "--from=base",
            "--conversations=conversations.jsonl",
            "--out=assistant",
            "--context-length=32",
            "--epochs=4");
    assertThat(supervised.exit()).as(supervised.err()).isZero();
    // three windows, four times, four to a step
    assertThat(supervised.out()).contains("tokens to train on", "step 3/3", "wrote assistant");
    assertThat(folder.resolve("assistant")).isDirectoryContaining("glob:**model.safetensors");
    assertThat(folder.resolve("assistant/tokenizer_config.json"))
        .content()
        .contains("chat_template");

    Run timed =
        train(
            "train",
            "--from=base",
            "--conversations=conversations.jsonl",
            "--out=timed",
            "--context-length=32",
            "--budget=1s");
    assertThat(timed.exit()).as(timed.err()).isZero();
    assertThat(timed.out()).contains("steps for 0:01", "wrote timed");

    Files.writeString(
        folder.resolve("preferences.jsonl"),
        "{\"prompt\": \"seven \", \"chosen\": \"SEVEN\", \"rejected\": \"no\"}\n".repeat(3));
    Run preferred =
        train(
            "train",
            "--from=assistant",
            "--preferences=preferences.jsonl",
            "--out=preferred",
            "--context-length=32",
            "--lora=2",
            "--steps=3",
            "--validation=0");
    assertThat(preferred.exit()).as(preferred.err()).isZero();
    assertThat(preferred.out()).contains("step 1/3, loss 0.69", "wrote preferred");
    assertThat(folder.resolve("preferred")).isDirectoryContaining("glob:**model.safetensors");

    Run continued =
        train(
            "train",
            "text.txt",
            "--from=preferred",
            "--out=continued",
            "--context-length=32",
            "--replay=text.txt",
            "--replay-share=0.5",
            "--steps=2");
    assertThat(continued.exit()).as(continued.err()).isZero();
  }

  @Test
  void adapters_over_a_gguf_file_stay_apart_wherever_it_lies() throws Exception {
    Path folder = SmallModel.folder();
    Files.createDirectories(folder.resolve("published"));
    Files.writeString(folder.resolve("published/config.json"), "{\"model_type\": \"llama\"}");
    TinyGguf.write(folder.resolve("published/tiny.gguf"));
    TinyGguf.write(folder.resolve("alone.gguf"));
    for (String from : List.of("published", "alone.gguf")) {
      String out = "over-" + from;
      Run run =
          train(
              "train",
              "text.txt",
              "--from=" + from,
              "--out=" + out,
              "--lora=2",
              "--steps=2",
              "--batch-size=1",
              "--context-length=16");
      assertThat(run.exit()).as(run.err()).isZero();
      assertThat(folder.resolve(out)).isDirectoryContaining("glob:**adapter_model.safetensors");
      assertThat(folder.resolve(out).resolve("model.safetensors")).doesNotExist();
    }
    Run written =
        SmallModel.shell()
            .run(
                "generate",
                "alone.gguf",
                "--prompt=It",
                "--runtime=cpu(adapter=over-alone.gguf)",
                "--max-tokens=2");
    assertThat(written.exit()).as(written.err()).isZero();
  }

  @Test
  void what_does_not_go_together_is_refused() throws Exception {
    refused("nothing to train on", "train", "--out=refused");
    refused("add --from", "train", "--conversations=c.jsonl", "--out=refused");
    refused("add --from", "train", "text.txt", "--lora=2", "--out=refused");
    refused(
        "expected one of text files, --conversations and --preferences",
        "train",
        "text.txt",
        "--from=base",
        "--conversations=c.jsonl",
        "--out=refused");
    for (String data : List.of("--conversations=c.jsonl", "--preferences=p.jsonl")) {
      refused(
          "--budget does not go with --epochs",
          "train",
          "--from=base",
          data,
          "--budget=PT1M",
          "--epochs=2",
          "--out=refused");
    }
    refused(
        "--tokenizer does not go with --from",
        "train",
        "text.txt",
        "--from=base",
        "--tokenizer=byte",
        "--out=refused");
    refused(
        "--architecture does not go with --from: the model stays what it is",
        "train",
        "text.txt",
        "--from=base",
        "--architecture=gpt2",
        "--out=refused");
    refused("add --replay", "train", "text.txt", "--replay-share=0.2", "--out=refused");
  }

  @Test
  void older_text_in_another_encoding_is_named() throws Exception {
    Files.write(SmallModel.folder().resolve("latin.txt"), new byte[] {'a', (byte) 0xe9, 'b'});
    Run run =
        train(
            "train",
            "text.txt",
            "--from=base",
            "--replay=latin.txt",
            "--out=latin",
            "--steps=1",
            "--context-length=32");
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err()).contains("latin.txt").hasLineCount(1);
    assertThat(SmallModel.folder().resolve("latin/replay.tokens")).doesNotExist();
  }

  @Test
  void a_line_that_is_no_conversation_is_named() throws Exception {
    Files.writeString(
        SmallModel.folder().resolve("bad.jsonl"), CONVERSATION.formatted("a", "b") + "{}\n");
    Run run =
        train(
            "train",
            "--from=base",
            "--conversations=bad.jsonl",
            "--out=bad",
            "--context-length=32");
    assertThat(run.exit()).isEqualTo(1);
    assertThat(run.err()).contains("bad.jsonl, line 2: there are neither \"messages\" nor");
  }

  @Test
  void a_conversation_that_is_too_long_can_be_left_out() throws Exception {
    String lines = CONVERSATION.formatted("a", "b") + CONVERSATION.formatted("c".repeat(60), "d");
    Files.writeString(SmallModel.folder().resolve("long.jsonl"), lines);
    String[] train = {
      "train",
      "--from=base",
      "--conversations=long.jsonl",
      "--out=long",
      "--context-length=32",
      "--steps=1",
      "--validation=0",
      "--windows=packed"
    };
    Run refused = train(train);
    assertThat(refused.exit()).isEqualTo(1);
    assertThat(refused.err())
        .contains("example 2 has ", "--context-length 32; 1 of 2 are too long")
        .contains("leave out what is too long, with --windows='packed(long=skip)'");
    train[train.length - 1] = "--windows=packed(long=skip)";
    Run left = train(train);
    assertThat(left.exit()).as(left.err()).isZero();
  }

  private static void refused(String message, String... options) throws Exception {
    Run run = train(options);
    assertThat(run.exit()).as(run.err()).isEqualTo(2);
    assertThat(run.err()).contains(message);
  }
}
