package io.fundamentallm.webservice.access;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.webservice.Server;
import io.fundamentallm.webservice.settings.Limits;
import io.fundamentallm.webservice.settings.PrefixCacheSettings;
import io.fundamentallm.webservice.settings.ServiceSettings;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.springframework.util.unit.DataSize;

/** Connections without a network, whose parts come in an order that a network would not keep. */
@SuppressWarnings("FutureReturnValueIgnored") // nothing here is done later
class ConnectionGuardTest {
  private static final String HOST = " HTTP/1.1\r\nHost: localhost\r\n";
  private static final String WITH_KEY = "Authorization: Bearer " + Server.KEY + "\r\n";
  private static final String WHOLE = "GET /v1/models" + HOST + "\r\n";
  private static final String HEAD = "POST /v1/completions" + HOST + "Content-Length: 5\r\n\r\n";

  /** As a setting has it, so with or without a key; there is room for two strangers. */
  private static final class Service {
    private final UnauthenticatedConnections unauthenticated;
    private final ApiKey key;

    Service(@Nullable String apiKey) {
      Limits limits =
          new Limits(
              DataSize.ofKilobytes(1),
              1,
              1,
              1,
              1,
              1,
              1,
              DataSize.ofKilobytes(1),
              1,
              Duration.ofMinutes(1),
              Duration.ofMinutes(1),
              Duration.ofMinutes(1),
              2,
              Duration.ofHours(1));
      ServiceSettings settings =
          new ServiceSettings(
              Path.of("model"),
              null,
              null,
              null,
              null,
              apiKey,
              List.of(),
              List.of(),
              false,
              Map.of(),
              null,
              new PrefixCacheSettings(null, null, DataSize.ofMegabytes(1), null),
              limits);
      unauthenticated = new UnauthenticatedConnections(settings);
      key = new ApiKey(settings);
    }

    EmbeddedChannel connect() {
      RareWarning malformed =
          new RareWarning(LoggerFactory.getLogger(ConnectionGuardTest.class), "not HTTP");
      Duration hour = Duration.ofHours(1);
      return new EmbeddedChannel(
          new HttpServerCodec(),
          new ConnectionGuard(unauthenticated, key, hour, hour, malformed),
          new AnswersTheDead());
    }
  }

  /** Ends the answer also where its client is gone, as what is behind the guard does. */
  private static final class AnswersTheDead extends ChannelInboundHandlerAdapter {
    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      answer((EmbeddedChannel) ctx.channel());
      ctx.fireChannelInactive();
    }
  }

  /** A second goes by for a connection, which was new until then. */
  private static void age(EmbeddedChannel client) {
    client.advanceTimeBy(ConnectionGuard.NEW.toNanos(), TimeUnit.NANOSECONDS);
    client.runScheduledPendingTasks();
  }

  /** The time goes by in which a client may read its last answer. */
  private static void lingers(EmbeddedChannel client) {
    client.advanceTimeBy(1, TimeUnit.MINUTES);
    client.runScheduledPendingTasks();
  }

  private static void send(EmbeddedChannel client, String request) {
    client.writeInbound(Unpooled.copiedBuffer(request, US_ASCII));
  }

  private static void answer(EmbeddedChannel client) {
    DefaultFullHttpResponse response =
        new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK);
    response.headers().set(HttpHeaderNames.CONTENT_LENGTH, 0);
    client.pipeline().writeAndFlush(response);
  }

  private static String received(EmbeddedChannel client) {
    StringBuilder all = new StringBuilder();
    for (ByteBuf part = client.readOutbound(); part != null; part = client.readOutbound()) {
      all.append(part.toString(US_ASCII));
      part.release();
    }
    return all.toString();
  }

  @Test
  void a_malformed_request_is_not_answered_in_the_place_of_the_one_before() {
    EmbeddedChannel client = new Service(Server.KEY).connect();

    send(client, WHOLE.replace(HOST, HOST + WITH_KEY) + "xylophone\r\n\r\n");

    assertThat(received(client)).isEmpty();
    assertThat(client.isActive()).isFalse();
  }

  @Test
  void who_has_hung_up_takes_no_place_from_strangers() {
    for (String apiKey : new String[] {Server.KEY, null}) {
      Service service = new Service(apiKey);
      EmbeddedChannel stranger = service.connect();
      age(stranger);
      for (int i = 0; i < 5; i++) {
        EmbeddedChannel hangsUp = service.connect();
        send(hangsUp, i % 2 == 0 ? HEAD : HEAD.replace(HOST, HOST + WITH_KEY));
        hangsUp.close();
      }
      service.connect();

      assertThat(stranger.isActive()).isTrue();
    }
  }

  @Test
  void a_head_that_was_sent_ahead_takes_a_place_where_no_key_is_asked_for() {
    Service service = new Service(null);
    EmbeddedChannel stranger = service.connect();
    send(stranger, WHOLE + HEAD);
    answer(stranger);
    age(stranger);
    service.connect();
    assertThat(stranger.isActive()).isTrue();

    service.connect();
    lingers(stranger);

    assertThat(stranger.isActive()).isFalse();
  }

  @Test
  void a_whole_request_that_was_sent_ahead_takes_no_place_where_no_key_is_asked_for() {
    Service service = new Service(null);
    EmbeddedChannel stranger = service.connect();
    send(stranger, WHOLE + WHOLE);
    answer(stranger);
    age(stranger);
    service.connect();
    service.connect();

    assertThat(stranger.isActive()).isTrue();
  }

  @Test
  void who_has_shown_the_key_takes_no_place_from_strangers() {
    Service service = new Service(Server.KEY);
    EmbeddedChannel first = service.connect();
    EmbeddedChannel second = service.connect();
    age(first);
    age(second);
    EmbeddedChannel known = service.connect();
    assertThat(received(first)).startsWith("HTTP/1.1 503"); // there are three of them
    send(known, HEAD.replace(HOST, HOST + WITH_KEY));
    EmbeddedChannel third = service.connect();

    answer(known); // before its request has come to its end

    assertThat(received(known)).contains("connection: close");
    assertThat(List.of(second, third)).allMatch(EmbeddedChannel::isActive);
  }

  @Test
  void what_was_said_to_be_closed_is_closed() {
    EmbeddedChannel client = new Service(Server.KEY).connect();
    send(client, HEAD.replace(HOST, HOST + WITH_KEY));
    client.pipeline().write(new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.OK));
    send(client, "12345");
    client.pipeline().writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
    assertThat(received(client)).contains("connection: close");

    lingers(client);

    assertThat(client.isActive()).isFalse();
  }

  @Test
  void more_newcomers_than_places_are_heard_before_any_is_turned_away() {
    Service service = new Service(Server.KEY);
    List<EmbeddedChannel> clients =
        IntStream.range(0, 2 * UnauthenticatedConnections.BURST)
            .mapToObj(i -> service.connect())
            .toList();
    assertThat(clients).allMatch(EmbeddedChannel::isActive);

    clients.forEach(client -> send(client, WHOLE.replace(HOST, HOST + WITH_KEY)));
    clients.forEach(ConnectionGuardTest::age);
    clients.forEach(ConnectionGuardTest::answer);

    assertThat(clients)
        .allSatisfy(client -> assertThat(received(client)).startsWith("HTTP/1.1 200"));
    assertThat(clients).allMatch(EmbeddedChannel::isActive);
  }

  @Test
  void of_newcomers_who_say_nothing_the_oldest_are_told_to_come_back() {
    Service service = new Service(Server.KEY);
    List<EmbeddedChannel> silent = IntStream.range(0, 5).mapToObj(i -> service.connect()).toList();

    silent.forEach(ConnectionGuardTest::age);

    for (EmbeddedChannel away : silent.subList(0, 3)) {
      assertThat(received(away))
          .startsWith("HTTP/1.1 503")
          .contains("retry-after: 1", "connection: close", "too_many_connections");
      lingers(away);
      assertThat(away.isActive()).isFalse();
    }
    assertThat(silent.subList(3, 5)).allMatch(EmbeddedChannel::isActive);
    assertThat(silent.subList(3, 5)).allMatch(stays -> received(stays).isEmpty());
  }

  @Test
  void a_body_that_drips_is_turned_away_with_an_answer_where_no_key_is_asked_for() {
    Service service = new Service(null);
    List<EmbeddedChannel> dripping =
        IntStream.range(0, 5).mapToObj(i -> service.connect()).toList();
    dripping.forEach(client -> send(client, HEAD + "1"));

    dripping.forEach(ConnectionGuardTest::age);

    assertThat(dripping.subList(0, 3))
        .allSatisfy(away -> assertThat(received(away)).startsWith("HTTP/1.1 503"));
    assertThat(dripping.subList(3, 5)).allMatch(EmbeddedChannel::isActive);
  }

  @Test
  void there_is_a_hard_limit_also_for_newcomers_and_for_those_who_leave() {
    Service service = new Service(Server.KEY);
    int most = 2 * UnauthenticatedConnections.BURST;
    List<EmbeddedChannel> flood =
        IntStream.range(0, 5 * most).mapToObj(i -> service.connect()).toList();
    assertThat(flood.stream().filter(EmbeddedChannel::isActive)).hasSize(most);

    flood.forEach(ConnectionGuardTest::age);
    for (int i = 0; i < 5 * most; i++) {
      age(service.connect());
    }

    assertThat(flood).noneMatch(EmbeddedChannel::isActive);
  }

  @Test
  void who_shows_the_key_while_he_is_turned_away_stays() {
    Service service = new Service(Server.KEY);
    EmbeddedChannel client = service.connect();
    send(client, WHOLE.replace(HOST, HOST + WITH_KEY));

    client.pipeline().get(ConnectionGuard.class).turnAway(true);
    answer(client);

    assertThat(received(client)).startsWith("HTTP/1.1 200");
    assertThat(client.isActive()).isTrue();
  }
}
