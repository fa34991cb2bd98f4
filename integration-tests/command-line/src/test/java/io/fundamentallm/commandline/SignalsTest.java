package io.fundamentallm.commandline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.sun.jdi.ThreadReference;
import com.sun.jdi.VMDisconnectedException;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The exit status is that of the signal, whichever thread is faster: here the one that ends the
 * process for the signal is held at the last moment, until the program has done all that it does.
 */
class SignalsTest {
  private static final String[] ENDLESS = {"--steps=9999999", "--checkpoint-every=1000000"};

  @BeforeEach
  void requireShell() {
    assumeTrue(Files.isExecutable(Path.of("/bin/sh")), "no shell that sends signals");
  }

  @ParameterizedTest
  @CsvSource({"TERM, 143", "INT, 130", "HUP, 129"})
  void a_training_that_is_stopped_ends_with_the_signals_status(String signal, int status)
      throws Exception {
    requireHeard(signal);
    String out = "stopped-by-" + signal;
    try (HeldProcess process =
        HeldProcess.start(SmallModel.shell(), SmallModel.train(out, ENDLESS))) {
      ThreadReference main = at(process, "ProgressLine", "onStep");
      process.signal(signal);
      process.waitForWaiting("interruption", "stop", 1);
      process.letGo(main);

      assertThat(statusWhenTheSignalIsLast(process, signal)).isEqualTo(status);
      assertThat(process.output()).contains("stopped after step 1; the same command with --resume");
      assertThat(SmallModel.folder().resolve(out).resolve("checkpoint-1")).isDirectory();
    }
  }

  @Test
  void a_second_signal_waits_as_the_first_does_for_what_is_written() throws Exception {
    String[] train = SmallModel.train("stopped-twice", ENDLESS);
    try (HeldProcess process = HeldProcess.start(SmallModel.shell(), train)) {
      ThreadReference main = at(process, "ProgressLine", "onStep");
      process.signal("TERM");
      process.waitForWaiting("interruption", "stop", 1);
      process.signal("TERM");
      process.waitForWaiting("SIGTERM handler", "exit", 2);
      process.letGo(main);

      assertThat(statusWhenTheSignalIsLast(process, "TERM")).isEqualTo(143);
      assertThat(process.output()).contains("stopped after step 1; ");
      assertThat(SmallModel.folder().resolve("stopped-twice/checkpoint-1")).isDirectory();
    }
  }

  @Test
  void what_fails_while_a_training_is_stopped_is_said() throws Exception {
    String[] train = SmallModel.train("stopped-in-vain", ENDLESS);
    try (HeldProcess process = HeldProcess.start(SmallModel.shell(), train)) {
      ThreadReference main = at(process, "ProgressLine", "onStep");
      Path directory = SmallModel.folder().resolve("stopped-in-vain");
      Files.move(directory, directory.resolveSibling("moved-away"));
      Files.createFile(directory);
      process.signal("TERM");
      process.waitForWaiting("interruption", "stop", 1);
      process.letGo(main);

      assertThat(statusWhenTheSignalIsLast(process, "TERM")).isEqualTo(143);
      assertThat(process.output()).contains("fundamentallm: ");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "generate model --prompt=It --max-tokens=9, io.fundamentallm.TextGenerator, load",
    "generate model --prompt=It --max-tokens=9, io.fundamentallm.commandline.Generate, print",
    "chat model --max-tokens=9,                 io.fundamentallm.TextGenerator, load",
    "chat model --max-tokens=9,                 io.fundamentallm.commandline.ChatTurn, print",
    "score model,                               io.fundamentallm.TextScorer, score",
    "evaluate model text.txt,                   io.fundamentallm.TextScorer, score",
    "convert model --to=onnx --out=signalled,   io.fundamentallm.runtime.cpu.onnx.OnnxExport,"
        + " write",
    "inspect model,                             io.fundamentallm.LanguageModels, load",
    "tokenize model It,                         io.fundamentallm.Tokenizers, load",
  })
  void so_does_a_command_that_is_signalled_at_work(String command, String type, String method)
      throws Exception {
    try (HeldProcess process =
        HeldProcess.start(SmallModel.shell(), command.strip().split(" +", -1))) {
      ThreadReference main = at(process, type, method);
      process.signal("TERM");
      if (method.equals("print")) { // cancelled, and waited for
        process.waitForWaiting("interruption", "stop", 1);
      } else {
        process.waitFor("SIGTERM handler");
      }
      process.letGo(main);

      assertThat(statusWhenTheSignalIsLast(process, "TERM")).isEqualTo(143);
      assertThat(process.output()).doesNotContain("fundamentallm: ");
    }
  }

  @ParameterizedTest
  @CsvSource({"TERM, 143", "INT, 130", "HUP, 129"})
  void so_does_a_command_that_fails_meanwhile(String signal, int status) throws Exception {
    requireHeard(signal);
    try (HeldProcess process =
        HeldProcess.start(SmallModel.shell(), "generate", "text.txt", "--prompt=It")) {
      ThreadReference main = at(process, "io.fundamentallm.commandline.Failures", "report");
      process.signal(signal);
      process.waitFor("SIG" + signal + " handler");
      process.letGo(main);

      assertThat(statusWhenTheSignalIsLast(process, signal)).isEqualTo(status);
    }
  }

  /** Runs until the main thread is at a method. */
  private static ThreadReference at(HeldProcess process, String type, String method)
      throws Exception {
    process.holdAt(type.contains(".") ? type : "io.fundamentallm.commandline." + type, method);
    process.holdAtTheEnd();
    process.run();
    return process.waitFor("main");
  }

  private static int statusWhenTheSignalIsLast(HeldProcess process, String signal)
      throws Exception {
    ThreadReference handler = process.waitFor("SIG" + signal + " handler");
    try {
      process.waitForEnd("main");
      while (process.isHeld("main")) { // about to end the process too, and the faster one
        process.letGo(process.waitFor("main"));
        process.waitForEnd("main");
      }
      process.letGo(handler);
    } catch (VMDisconnectedException e) {
      // the main thread has ended the process
    }
    return process.exit();
  }

  /** Whoever starts the tests may ignore a signal, as nohup does; its processes then do so, too. */
  private static void requireHeard(String signal) throws IOException {
    Path status = Path.of("/proc/self/status");
    if (Files.isReadable(status)) {
      String ignored = Files.readString(status).replaceAll("(?s).*SigIgn:\\s*([0-9a-f]+).*", "$1");
      int bit = signal.equals("HUP") ? 0 : signal.equals("INT") ? 1 : 14;
      assumeFalse(new BigInteger(ignored, 16).testBit(bit), signal + " is ignored here");
    }
  }
}
