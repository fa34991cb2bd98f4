package io.fundamentallm.decoding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class TokenBufferTest {
  @Test
  void it_grows_behind_the_prompt() {
    TokenBuffer buffer = TokenBuffer.ofPrompt(7, 8);
    for (int token = 0; token < 1000; token++) {
      buffer.append(token);
    }
    assertThat(buffer.length()).isEqualTo(1002);
    assertThat(buffer.promptLength()).isEqualTo(2);
    assertThat(buffer.generated()).isEqualTo(1000);
    assertThat(buffer.token(1)).isEqualTo(8);
    assertThat(buffer.tokens(1000, 1002)).containsExactly(998, 999);
  }

  @Test
  void it_rolls_back_to_the_prompt_and_no_further() {
    TokenBuffer buffer = TokenBuffer.ofPrompt(7);
    buffer.append(1);
    buffer.append(2);
    buffer.rollback(1);
    assertThat(buffer.tokens(0, 2)).containsExactly(7, 1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> buffer.rollback(2))
        .withMessage("cannot roll back 2 of 1 generated tokens");
    assertThatIllegalArgumentException().isThrownBy(() -> buffer.rollback(-1));
  }

  @Test
  void forks_are_independent() {
    TokenBuffer buffer = TokenBuffer.ofPrompt(7);
    TokenBuffer fork = buffer.fork();
    buffer.append(1);
    fork.append(2);
    assertThat(buffer.token(1)).isEqualTo(1);
    assertThat(fork.token(1)).isEqualTo(2);
  }

  @Test
  void there_is_nothing_outside() {
    TokenBuffer buffer = TokenBuffer.ofPrompt(7);
    assertThatExceptionOfType(IndexOutOfBoundsException.class).isThrownBy(() -> buffer.token(1));
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> buffer.tokens(0, 2));
  }
}
