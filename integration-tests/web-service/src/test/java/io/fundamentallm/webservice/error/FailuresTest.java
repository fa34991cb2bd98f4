package io.fundamentallm.webservice.error;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.netty.handler.ssl.SslClosedEngineException;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Operators;
import reactor.netty.channel.AbortedException;
import reactor.util.context.Context;

class FailuresTest {
  private final Logger logger = (Logger) LoggerFactory.getLogger(Failures.class);
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();

  @AfterEach
  void reset() {
    logger.detachAppender(log);
    logger.setAdditive(true);
    Hooks.resetOnErrorDropped();
  }

  @Test
  void an_error_behind_the_end_of_a_request_is_logged_without_its_message() {
    log.start();
    logger.addAppender(log);
    logger.setAdditive(false);
    Failures.logDropped();

    Operators.onErrorDropped(new IllegalArgumentException("XYLOPHONE"), Context.empty());

    assertThat(log.list).hasSize(1);
    assertThat(log.list.get(0).getFormattedMessage())
        .contains("IllegalArgumentException", "FailuresTest")
        .doesNotContain("XYLOPHONE");
    assertThat(log.list.get(0).getThrowableProxy()).isNull();
  }

  @Test
  void a_client_that_hangs_up_is_no_failure_of_the_service() {
    log.start();
    logger.addAppender(log);
    logger.setAdditive(false);
    Failures.logDropped();

    Operators.onErrorDropped(new AbortedException("closed"), Context.empty());
    Operators.onErrorDropped(
        new SslClosedEngineException("SSLEngine closed already"), Context.empty());

    assertThat(log.list).isEmpty();
    Operators.onErrorDropped(new SSLException("of something else"), Context.empty());
    assertThat(log.list).hasSize(1);
  }
}
