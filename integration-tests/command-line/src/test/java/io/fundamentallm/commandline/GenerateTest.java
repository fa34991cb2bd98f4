package io.fundamentallm.commandline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fundamentallm.fixtures.Jdk;
import io.fundamentallm.fixtures.Run;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Text from a prompt. */
class GenerateTest {
  private static final String[] TWENTY = {
    "generate", "model", "--prompt", "It is ", "--max-tokens", "20", "--seed", "7", "--echo"
  };

  @Test
  void one_seed_writes_one_text_whatever_way_the_prompt_comes() throws Exception {
    Run argument = SmallModel.shell().run(TWENTY);
    String[] piped = TWENTY.clone();
    piped[3] = "-";
    Run input = SmallModel.shell().pipe("It is \n", piped);

    assertThat(argument.exit()).as(argument.err()).isZero();
    assertThat(argument.out()).startsWith("It is ").endsWith(System.lineSeparator());
    assertThat(argument.err()).isEmpty();
    assertThat(input).isEqualTo(argument);
  }

  @Test
  void another_jdk_writes_the_same() throws Exception {
    Optional<Jdk> other = Jdk.other();
    assumeTrue(other.isPresent(), "no JDK of another version is installed beside this one");

    Run run = new Shell(SmallModel.folder(), other.get()).run(TWENTY);

    assertThat(run).isEqualTo(SmallModel.shell().run(TWENTY));
  }

  @Test
  void all_beams_that_were_asked_for_are_printed() throws Exception {
    Run run =
        SmallModel.shell()
            .run(
                "generate",
                "model",
                "--prompt=It is",
                "--max-tokens=8",
                "--echo",
                "--decoder=beam(width=3,n=3)");

    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.out()).startsWith("It is").contains("-- 2, score -").contains("-- 3, score -");
  }

  @Test
  void the_runtime_is_asked_for_one_model_and_drafts_run_on_the_configured_one() throws Exception {
    List<String> alone = SmallModel.shell().command(TWENTY);
    alone.add(1, "-Dfundamentallm.runtime=none-such");
    alone.add("--runtime=cpu(threads=1)");
    List<String> drafted = new ArrayList<>(alone);
    drafted.add("--decoder=speculative(draft=model)");

    Run one = SmallModel.shell().run(alone, "");
    Run two = SmallModel.shell().run(drafted, "");

    assertThat(one).isEqualTo(SmallModel.shell().run(TWENTY));
    assertThat(two.exit()).isEqualTo(1);
    assertThat(two.err()).contains("no runtime named \"none-such\"");
    drafted.set(1, "-Dfundamentallm.runtime=cpu(weights=int8)");
    assertThat(SmallModel.shell().run(drafted, "")).isEqualTo(one);
  }

  @Test
  void a_text_ends_with_the_context_and_says_so_and_a_longer_prompt_is_refused() throws Exception {
    String[] endless = {
      "generate", "model", "--prompt=It is", "--sampler=min-new-tokens=99,greedy"
    };
    Run full = SmallModel.shell().run(endless);

    assertThat(full.exit()).as(full.err()).isZero();
    assertThat(full.out()).hasSizeGreaterThan(10);
    assertThat(full.err())
        .isEqualTo(
            "(the context of 32 tokens is full; --when-full=forget writes on)"
                + System.lineSeparator());
    endless[2] = "--prompt=" + "It is a truth ".repeat(10);
    Run tooLong = SmallModel.shell().run(endless);
    assertThat(tooLong.exit()).isEqualTo(1);
    assertThat(tooLong.out()).isBlank();
    assertThat(tooLong.err())
        .containsPattern(
            "the prompt of \\d+ tokens does not fit .* context of 32.*--when-full=forget")
        .doesNotContain("ContextPolicy");
    Run refused =
        SmallModel.shell().run(endless[0], endless[1], endless[2], endless[3], "--when-full=error");
    assertThat(refused.err())
        .contains("lower --max-tokens, or write on with --when-full=forget")
        .doesNotContain("ContextPolicy", "maxNewTokens");
  }

  @Test
  void text_appears_as_it_is_written_and_a_signal_ends_it() throws Exception {
    // without the tokens that end a text it would go on for minutes
    Process process =
        SmallModel.shell()
            .start(
                "generate",
                "model",
                "--prompt=It is",
                "--max-tokens=1000000",
                "--when-full=forget",
                "--sampler=min-new-tokens=1000000,greedy");

    assertThat(process.getInputStream().readNBytes(50)).hasSize(50);
    assertThat(process.isAlive()).isTrue();
    // the handle's, as the process's would also close the pipe, which ends the program another way
    process.toHandle().destroy();
    process.getInputStream().transferTo(OutputStream.nullOutputStream());

    assertThat(process.waitFor()).isEqualTo(143);
  }
}
