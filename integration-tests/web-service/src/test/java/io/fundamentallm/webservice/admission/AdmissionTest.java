package io.fundamentallm.webservice.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.webservice.admission.Admission.Ticket;
import io.fundamentallm.webservice.error.ApiException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class AdmissionTest {
  private final Admission admission = new Admission(1, 2);
  private final List<String> started = new ArrayList<>();

  private Ticket enter(String name) {
    Ticket ticket = admission.enter();
    ticket.started().subscribe(null, null, () -> started.add(name));
    return ticket;
  }

  @Test
  void those_who_wait_start_in_the_order_they_came() {
    Ticket first = enter("first");
    Ticket second = enter("second");
    Ticket third = enter("third");
    assertThat(started).containsExactly("first");

    first.close();
    second.close();
    third.close();

    assertThat(started).containsExactly("first", "second", "third");
    assertThat(admission.running()).isZero();
    assertThat(admission.waiting()).isZero();
  }

  @Test
  void who_finds_both_full_is_refused() {
    enter("first");
    enter("second");
    enter("third");

    assertThatThrownBy(() -> enter("fourth"))
        .isInstanceOfSatisfying(
            ApiException.class, e -> assertThat(e.status().value()).isEqualTo(429));
    assertThat(admission.waiting()).isEqualTo(2);
  }

  @Test
  void who_leaves_while_waiting_is_passed_over() {
    Ticket first = enter("first");
    Ticket second = enter("second");
    enter("third");

    second.close();
    first.close();

    assertThat(started).containsExactly("first", "third");
  }

  @Test
  void a_place_is_free_only_when_its_work_is_over() {
    Ticket first = enter("first");
    enter("second");

    String result =
        first.work(
            () -> {
              first.close();
              assertThat(admission.running()).isOne();
              assertThat(started).containsExactly("first");
              return "done";
            });

    assertThat(result).isEqualTo("done");
    assertThat(started).containsExactly("first", "second");
    assertThat(first.<String>work(() -> "more")).isNull();
  }

  @Test
  void what_ends_with_a_request_ends_with_its_work_and_before_its_place_is_free() {
    Ticket first = enter("first");
    Ticket second = enter("second");
    enter("third");
    first.onRelease(
        () -> {
          assertThat(admission.running()).isOne();
          started.add("first is over");
        });
    second.onRelease(() -> started.add("second is over"));

    second.close(); // while it waits
    String result =
        first.work(
            () -> {
              first.close();
              assertThat(started).containsExactly("first", "second is over");
              return "done";
            });
    first.close();

    assertThat(result).isEqualTo("done");
    assertThat(started).containsExactly("first", "second is over", "first is over", "third");
  }

  @Test
  void closing_twice_gives_one_place_back() {
    Ticket first = enter("first");
    enter("second");
    enter("third");

    first.close();
    first.close();

    assertThat(admission.running()).isOne();
    assertThat(admission.waiting()).isOne();
  }
}
