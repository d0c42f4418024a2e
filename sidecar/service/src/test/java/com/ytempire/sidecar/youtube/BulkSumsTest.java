package com.ytempire.sidecar.youtube;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.ytempire.sidecar.youtube.YouTube.BulkSum;
import java.io.EOFException;
import java.io.IOException;
import java.io.StringReader;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Files of the Reporting API are added up as they come. */
final class BulkSumsTest {
  private static final String BASIC =
      "date,channel_id,video_id,live_or_on_demand,subscribed_status,country_code,views,engaged_views,comments,likes,dislikes,shares,watch_time_minutes\n";
  private static final String REACH =
      "date,channel_id,video_id,traffic_source_type,device_type,operating_system,video_thumbnail_impressions,video_thumbnail_impressions_ctr\n";

  /** The figures of one value of a dimension, as plain decimals. */
  private static Map<String, String> figures(List<BulkSum> sums, String dimension, String value) {
    Map<String, String> plain = new TreeMap<>();
    sums.stream()
        .filter(sum -> sum.dimension().equals(dimension) && sum.value().equals(value))
        .forEach(sum ->
            sum.figures().forEach((name, figure) -> plain.put(name, figure.toPlainString())));
    return plain;
  }

  @Test
  void views_of_all_videos_and_statuses_are_added_by_country() throws IOException {
    List<BulkSum> sums =
        BulkSums.read(
            new StringReader(
                "\uFEFF"
                    + BASIC
                    + "20260901,UC1,v1,on_demand,subscribed,DE,10,8,1,2,0,0,4.6\n"
                    + "20260901,UC1,v2,on_demand,not_subscribed,DE,5,5,0,0,0,0,1.2\n"
                    + "20260901,UC1,,on_demand,subscribed,US,3,,0,0,0,0,1\n"
                    + "20260901,UC1,v1,on_demand,subscribed,US,nonsense,1,0,0,0,0,1\n"),
            BulkQuery.COUNTRIES);
    assertEquals(2, sums.size(), sums.toString());
    assertEquals("15", figures(sums, "country", "DE").get("views"));
    assertEquals("13", figures(sums, "country", "DE").get("engagedViews"));
    assertEquals("6", figures(sums, "country", "DE").get("estimatedMinutesWatched"));
    assertEquals("3", figures(sums, "country", "US").get("views"));
  }

  @Test
  void click_through_rates_are_weighted_by_impressions() throws IOException {
    List<BulkSum> sums =
        BulkSums.read(
            new StringReader(
                REACH
                    + "20260901,UC1,v1,5,104,18,100,0.10\n"
                    + "20260901,UC1,v2,5,101,18,300,0.02\n"
                    + "20260901,UC1,v2,7,101,18,50,NaN\n"),
            BulkQuery.REACH_SOURCES);
    assertEquals("0.040000", figures(sums, "thumbnailTrafficSource", "5").get("clickThroughRate"));
    assertEquals("400", figures(sums, "thumbnailTrafficSource", "5").get("impressions"));
    assertEquals("350", figures(sums, "thumbnailDevice", "101").get("impressions"));
    assertEquals("0.020000", figures(sums, "thumbnailDevice", "101").get("clickThroughRate"));
    assertEquals(1, figures(sums, "thumbnailTrafficSource", "7").size());
  }

  @Test
  void files_without_lines_columns_or_end_are_distinguished() throws IOException {
    assertEquals(List.of(), BulkSums.read(new StringReader(""), BulkQuery.COUNTRIES));
    assertEquals(List.of(), BulkSums.read(new StringReader(BASIC), BulkQuery.COUNTRIES));
    assertThrows(
        IllegalArgumentException.class,
        () -> BulkSums.read(new StringReader("date,views\n20260901,1\n"), BulkQuery.COUNTRIES));
    assertThrows(
        EOFException.class,
        () ->
            BulkSums.read(
                new StringReader(BASIC + "20260901,UC1,v1,on_demand,subscribed,DE,1"),
                BulkQuery.COUNTRIES));
  }
}
