package io.fundamentallm.internal.batching;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RendezvousTest {
  private static final long MICRO = 1000;
  private final Rendezvous rendezvous = new Rendezvous();

  @Test
  void the_first_caller_does_not_wait() {
    rendezvous.arrived(0);
    assertThat(rendezvous.left(0, 1)).isZero();
  }

  @Test
  void a_lone_caller_does_not_wait_when_it_comes_back() {
    rendezvous.passed(0, 1000 * MICRO, 1);
    rendezvous.arrived(1010 * MICRO);
    assertThat(rendezvous.left(1010 * MICRO, 1)).isZero();
  }

  @Test
  void the_first_one_back_waits_until_the_others_are_there() {
    rendezvous.passed(0, 1000 * MICRO, 3);
    rendezvous.arrived(1010 * MICRO);
    assertThat(rendezvous.left(1010 * MICRO, 1)).isEqualTo(200 * MICRO);
    rendezvous.arrived(1100 * MICRO);
    assertThat(rendezvous.left(1110 * MICRO, 2)).isEqualTo(190 * MICRO);
    rendezvous.arrived(1200 * MICRO);
    assertThat(rendezvous.left(1200 * MICRO, 3)).isZero();
  }

  @Test
  void who_does_not_come_back_is_waited_for_half_a_short_pass() {
    rendezvous.passed(0, 100 * MICRO, 2);
    rendezvous.arrived(120 * MICRO);
    assertThat(rendezvous.left(120 * MICRO, 1)).isEqualTo(50 * MICRO);
    assertThat(rendezvous.left(170 * MICRO, 1)).isZero();
  }

  @Test
  void all_waiting_together_is_no_longer_than_the_last_pass() {
    rendezvous.passed(0, 300 * MICRO, 9);
    for (int i = 1; i <= 5; i++) {
      rendezvous.arrived((300 + 50 * i) * MICRO);
    }
    assertThat(rendezvous.left(550 * MICRO, 5)).isEqualTo(50 * MICRO);
    assertThat(rendezvous.left(600 * MICRO, 5)).isZero();
  }

  @Test
  void long_after_a_pass_nobody_waits() {
    rendezvous.passed(0, 1000 * MICRO, 16);
    rendezvous.arrived(5000 * MICRO);
    assertThat(rendezvous.left(5000 * MICRO, 1)).isZero();
  }
}
