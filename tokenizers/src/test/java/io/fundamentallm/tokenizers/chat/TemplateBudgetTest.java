package io.fundamentallm.tokenizers.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fundamentallm.text.ChatMessage;
import io.fundamentallm.tokenizers.chat.value.TemplateBudget;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a template does is paid for, whatever it does it with. */
class TemplateBudgetTest {
  private static final int SIZE = 128;

  /** Names for what the constructs work on: a text, a list and a dict of n items each. */
  private static final String PREAMBLE =
      "{% set s = messages[0].content %}{% set t = messages[1].content %}"
          + "{% set l = messages %}{% set d = ns_of_n %}";

  /** The fewest units for which a template renders. */
  private static long units(String template, int n) {
    StringBuilder dict = new StringBuilder("{");
    for (int i = 0; i < n; i++) {
      dict.append("'").append(100_000 + i).append("':1,");
    }
    String setup = PREAMBLE.replace("ns_of_n", dict.append("}"));
    JinjaChatTemplate whole = new JinjaChatTemplate(setup + template, Map.of());
    List<ChatMessage> messages = new ArrayList<>();
    messages.add(ChatMessage.user("x".repeat(n)));
    messages.add(ChatMessage.user("x".repeat(n)));
    IntStream.range(2, n).forEach(i -> messages.add(ChatMessage.user("m")));
    long tooFew = 0;
    long enough = 1 << 10;
    while (!renders(whole, messages, enough)) {
      tooFew = enough;
      enough *= 2;
    }
    while (enough - tooFew > 1) {
      long middle = (tooFew + enough) >>> 1;
      if (renders(whole, messages, middle)) {
        enough = middle;
      } else {
        tooFew = middle;
      }
    }
    return enough;
  }

  private static boolean renders(JinjaChatTemplate template, List<ChatMessage> messages, long max) {
    try {
      template.segments(messages, true, max);
      return true;
    } catch (IllegalArgumentException e) {
      assertThat(e).hasMessageContaining("does not come to an end");
      return false;
    }
  }

  /** What the construct costs by itself, without what it works on. */
  private static long cost(String construct, int n) {
    return (units(construct.repeat(5), n) - units(construct, n)) / 4;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // loops and what they go through
        "{% for c in s %}{% break %}{% endfor %}",
        "{% for c in d %}{% break %}{% endfor %}",
        "{% for c in l if false %}{% endfor %}",
        "{% for c in d.items() %}{% break %}{% endfor %}",
        "{% for c in d | items %}{% break %}{% endfor %}",
        "{% for c in range(s | length) %}{% break %}{% endfor %}",
        // making dicts and lists
        "{% set x = dict(d) %}",
        "{% set x = namespace(d) %}",
        "{% set x = d.items() %}",
        "{% set x = d.keys() %}",
        "{% set x = d.values() %}",
        "{% set x = l + l %}",
        "{% set x = l * 3 %}",
        "{% set x = [1] * (s | length) %}",
        "{% set x = l[1:] %}",
        "{% set x = l[::-1] %}",
        "{% set x = range(s | length) %}",
        // comparisons
        "{% set x = l == l[:] %}",
        "{% set x = d == dict(d) %}",
        "{% set x = s == t %}",
        "{% set x = s < t %}",
        "{% set x = [s, 1] == [t, 1] %}",
        "{% set x = [s, 1] < [t, 2] %}",
        "{% set x = s is sameas t %}",
        "{% set x = s is eq t %}",
        "{% set x = {'a': s} == {'a': t} %}",
        "{% for a in [s, t] %}{{ '' if loop.changed(a) }}{% endfor %}",
        "{% set x = 'y' in s %}",
        "{% set x = 7 in l %}",
        "{% set x = s in d %}",
        "{% set x = d.get(s) %}",
        "{% set x = d[s] %}",
        "{% set x = {s: 1} %}",
        "{% set x = l.count(7) %}",
        "{% set x = l is iterable and (l | list).count(7) %}",
        // writing
        "{{ s }}",
        "{% set x %}{{ s }}{% endset %}",
        "{% set x = s ~ '' ~ t %}",
        "{% set x = s + t %}",
        "{% set x = s * 2 %}",
        "{% set x = l ~ '' %}",
        "{% set x = d ~ '' %}",
        "{% set x = '%s' % s %}",
        "{% set x = '%s' | format(s) %}",
        "{% set x = s % () %}",
        "{% set x = l | string %}",
        "{% set x = l | tojson %}",
        "{% set x = d | tojson(sort_keys=true) %}",
        "{% set x = s | tojson %}",
        "{% filter upper %}{{ s }}{% endfilter %}",
        "{% macro m(a) %}{{ a }}{% endmacro %}{% set x = m(s) %}",
        // methods of strings, some of which give back next to nothing
        "{% set x = s.upper() %}",
        "{% set x = s.lower() %}",
        "{% set x = s.title() %}",
        "{% set x = s.capitalize() %}",
        "{% set x = s.isupper() %}",
        "{% set x = s.islower() %}",
        "{% set x = s.isspace() or (s * 1).isdigit() %}",
        "{% set x = s.strip() %}",
        "{% set x = s.strip('x') %}",
        "{% set x = s.lstrip('x') %}",
        "{% set x = s.rstrip() %}",
        "{% set x = s.split() %}",
        "{% set x = s.split('y') %}",
        "{% set x = s.rsplit('y') %}",
        "{% set x = s.splitlines() %}",
        "{% set x = s.partition('y') %}",
        "{% set x = s.rpartition('y') %}",
        "{% set x = s.replace('y', 'z') %}",
        "{% set x = s.replace('x', '') %}",
        "{% set x = s.find('y') %}",
        "{% set x = s.rfind('y') %}",
        "{% set x = s.count('y') %}",
        "{% set x = s.startswith(t) %}",
        "{% set x = s.endswith(t) %}",
        "{% set x = s.startswith((t, t)) %}",
        "{% set x = s.removeprefix(t) %}",
        "{% set x = s.removesuffix(t) %}",
        "{% set x = ''.join(s) %}",
        "{% set x = '-'.join(d) %}",
        "{% set x = s[0] %}",
        "{% set x = s[-1] %}",
        "{% set x = s[1:2] %}",
        "{% set x = s[::-2] %}",
        "{% set x = s[s] is defined %}",
        "{% set x = l[s] is defined %}",
        // filters
        "{% set x = s | length %}",
        "{% set x = s | first %}",
        "{% set x = s | last %}",
        "{% set x = s | list %}",
        "{% set x = s | reverse %}",
        "{% set x = l | reverse %}",
        "{% set x = s | trim %}",
        "{% set x = s | title %}",
        "{% set x = s | indent %}",
        "{% set x = s | int %}",
        "{% set x = s | float %}",
        "{% set x = s is lower %}",
        "{% set x = s is upper %}",
        "{% set x = d | dictsort %}",
        "{% set x = d | sort %}",
        "{% set x = d | min %}",
        "{% set x = d | max %}",
        "{% set x = d | list | join %}",
        "{% set x = d | unique %}",
        "{% set x = l | map(attribute='role') | list %}",
        "{% set x = l | map('length') %}",
        "{% set x = l | select %}",
        "{% set x = l | reject('mapping') %}",
        "{% set x = l | selectattr('role', 'eq', 'system') %}",
        "{% set x = l | rejectattr('role', 'eq', 'user') %}",
        "{% set x = [s] | sort %}",
        "{% set x = [s] | unique %}",
        "{% set x = [s] | map('upper') | list %}",
        "{% set x = ([[1]] * (s | length)) | sum(start=[]) %}",
        "{% set x = strftime_now(s) %}",
      })
  void twice_as_much_costs_twice_as_much(String construct) {
    long once = cost(construct, SIZE);
    long twice = cost(construct, 2 * SIZE);

    // a unit at least for each of the items or characters more
    assertThat(twice - once).as("%d and %d units", once, twice).isGreaterThanOrEqualTo(SIZE);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{% set x = [" + "1,1,1,1,1,1,1,1," + "] %}",
        "{% set x = (1,1,1,1,1,1,1,1) %}",
        "{% set x = {1:1,2:1,3:1,4:1,5:1,6:1,7:1,8:1} %}",
        "{% set x = 0 or 0 or 0 or 0 or 0 or 0 or 0 or 0 or 0 %}",
        "{% set x = 1 and 1 and 1 and 1 and 1 and 1 and 1 and 1 and 1 %}",
        "{% set x = not not not not not not not not 1 %}",
        "{% set x = 1 < 2 < 3 < 4 < 5 < 6 < 7 < 8 < 9 %}",
        "{% set x = dict(a=1,b=1,c=1,d=1,e=1,f=1,g=1,h=1) %}",
        "{% set x = 1 if 0 else 1 if 0 else 1 if 0 else 1 if 0 else 1 if 0 else 1 if 0 else 1 if 0"
            + " else 1 if 0 else 1 %}",
      })
  void what_the_template_spells_out_is_paid_for_too(String construct) {
    assertThat(cost(construct, 2)).isGreaterThanOrEqualTo(TemplateBudget.STATEMENT + 8);
  }

  /** None of these did more than a unit or two of work by what was counted once. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{% set s = 'x' * 1000000 %}{% for i in r %}{% for c in s %}{% break %}{% endfor %}"
            + "{% endfor %}",
        "{% set s = ' ' * 1000000 %}{% for i in r %}{% set x = s.strip() %}{% endfor %}",
        "{% set s = ' ' * 1000000 %}{% for i in r %}{% set x = s.split() %}{% endfor %}",
        "{% set s = 'x' * 1000000 %}{% for i in r %}{% set x = s[0] %}{% endfor %}",
        "{% set s = 'x' * 1000000 %}{% for i in r %}{% set x = s | length %}{% endfor %}",
        "{% set s = 'x' * 1000000 %}{% for i in r %}{% set x = s.islower() %}{% endfor %}",
        "{% set s = 'x' * 1000000 %}{% for i in r %}{% set x = s | first %}{% endfor %}",
        "{% set s = '1' * 1000000 ~ 'x' %}{% for i in r %}{% set x = s | float %}{% endfor %}",
        "{% set s = '%d' * 100000 %}{% for i in r %}{% set x = strftime_now(s) %}{% endfor %}",
        "{% set l = [1] * 1000000 %}{% set m = [1] * 1000000 %}{% for i in r %}"
            + "{% set x = l is sameas m %}{% set x = l == m %}{% endfor %}",
        "{% set n = namespace(l=[1], m=[1]) %}{% for i in range(64) %}{% set n.l = [n.l, n.l] %}"
            + "{% set n.m = [n.m, n.m] %}{% endfor %}{% for i in r %}"
            + "{% set x = {'a': n.l} == {'a': n.m} %}{% endfor %}",
        "{% set n = namespace(l=[1]) %}{% for i in range(20) %}{% set n.l = [n.l, n.l] %}{% endfor %}"
            + "{% for i in r %}{% set x = n.l | tojson %}{% endfor %}",
        "{% set s = 'x' * 1000000 %}{% for i in r %}{% set x = {s: 1} %}{% endfor %}",
        "{% set s = 'x' * 1000000 %}{% for i in r %}{% set x = [s, s ~ ''] | sort %}{% endfor %}",
        "{% set s = '\\x01' * 1000000 %}{% for i in r %}{% set x = [s] ~ '' %}{% endfor %}",
        "{% macro m(n) %}{% set x = [1] * 100000 %}{% if n %}{{ m(n - 1) ~ m(n - 1) }}{% endif %}"
            + "{% endmacro %}{{ m(60) }}",
        "{% set n = namespace(a=namespace()) %}{% for i in r %}{% set n.a = namespace(b=n.a) %}"
            + "{% for j in r %}{% set x = n.a.b %}{% endfor %}{% endfor %}",
      })
  void a_template_that_does_much_in_few_steps_is_stopped(String template) {
    String loops = template.replace("in r ", "in range(99999) ");
    JinjaChatTemplate hostile = new JinjaChatTemplate(loops, Map.of());

    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> hostile.segments(List.of(ChatMessage.user("")), true, TemplateBudget.MAX / 4))
        .withMessageContaining("does not come to an end");
  }

  @Test
  void a_long_conversation_stays_far_below_the_budget() {
    String template =
        "{% for m in messages %}{{ '<|im_start|>' + m.role + '\\n' }}{% set c = m.content %}"
            + "{% if '</think>' in c %}{% set c = c.split('</think>')[-1].lstrip('\\n') %}{% endif %}"
            + "{{ c | trim }}{{ '<|im_end|>\\n' }}{% endfor %}";
    List<ChatMessage> messages = new ArrayList<>();
    for (int i = 0; i < 400; i++) {
      messages.add(ChatMessage.user("What is it? ".repeat(200)));
      messages.add(ChatMessage.assistant("<think>hm</think>\n" + "It is a truth. ".repeat(200)));
    }
    int characters = messages.stream().mapToInt(message -> message.content().length()).sum();

    assertThat(characters).isGreaterThan(2_000_000);
    assertThat(renders(new JinjaChatTemplate(template, Map.of()), messages, TemplateBudget.MAX / 3))
        .isTrue();
  }
}
