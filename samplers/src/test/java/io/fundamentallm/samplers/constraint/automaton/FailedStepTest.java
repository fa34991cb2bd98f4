package io.fundamentallm.samplers.constraint.automaton;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.fundamentallm.samplers.constraint.automaton.Program.Node;
import io.fundamentallm.samplers.constraint.automaton.Program.Split;
import io.fundamentallm.samplers.constraint.automaton.Stack.Link;
import io.fundamentallm.samplers.constraint.grammar.GbnfParser;
import io.fundamentallm.samplers.constraint.grammar.Grammar;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A step that fails half-way leaves nothing of itself to the next. */
class FailedStepTest {
  private static final Grammar GRAMMAR =
      GbnfParser.parse("root ::= \"a\" x | \"b\" y\nx ::= \"c\" x? | \"d\"\ny ::= \"e\" | \"f\" y");

  /** The bytes that can follow. */
  private static String following(Machine machine, @Nullable State state) {
    StringBuilder bytes = new StringBuilder();
    for (int value = 'a'; value <= 'z'; value++) {
      if (state != null && machine.step(state, value) != null) {
        bytes.append((char) value);
      }
    }
    return bytes.toString();
  }

  @Test
  void the_step_after_a_failed_one_reads_the_text_alone() {
    Node[] nodes = Program.compile(GRAMMAR).nodes();
    Node broken = new Split(new int[] {Program.RETURN, nodes.length});
    int failures = 0;
    for (int i = Program.RETURN + 1; i < nodes.length; i++) {
      Program program = Program.compile(GRAMMAR);
      Machine machine = new Machine(program, 1);
      State start = machine.start();
      Node whole = program.nodes()[i];
      program.nodes()[i] = broken;
      boolean failed = false;
      try {
        machine.step(start, 'a');
      } catch (ArrayIndexOutOfBoundsException e) {
        failed = true;
      }
      program.nodes()[i] = whole;
      if (failed) {
        failures++;
        State after = machine.step(start, 'b');
        assertThat(after != null && !after.accepts()).as("after node %s", i).isTrue();
        assertThat(following(machine, after)).as("after node %s", i).isEqualTo("ef");
        assertThat(following(machine, machine.step(start, 'a'))).isEqualTo("cd");
      }
    }
    assertThat(failures).isPositive();
  }

  @Test
  void a_machine_that_failed_to_start_starts_again() {
    Program program = Program.compile(GRAMMAR);
    Machine machine = new Machine(program, 1);
    Node[] whole = program.nodes().clone();
    Arrays.fill(program.nodes(), new Split(new int[] {Program.RETURN, whole.length}));
    assertThatExceptionOfType(ArrayIndexOutOfBoundsException.class).isThrownBy(machine::start);
    System.arraycopy(whole, 0, program.nodes(), 0, whole.length);
    assertThat(following(machine, machine.start())).isEqualTo("ab");
  }

  @Test
  void a_frame_is_closed_after_one_that_could_not_be() {
    Frames frames = new Frames();
    Closing closing = new Closing(frames);
    OpenFrame called = new OpenFrame(5);
    OpenFrame parent = new OpenFrame(6);
    called.add(new Link(3, 0, parent));
    parent.add(new Link(4, 0, new OpenFrame(7))); // which was called by nobody
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> closing.close(called));
    OpenFrame whole = new OpenFrame(5);
    whole.add(new Link(3, 0, frames.bottom));
    assertThat(closing.close(whole).links()).containsExactly(new Link(3, 0, frames.bottom));
  }
}
