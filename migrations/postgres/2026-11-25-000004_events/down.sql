DROP TABLE stale_peaks;
DROP TABLE room_stays;
DROP TABLE usage_seconds;
DROP TABLE online_samples;
DROP TABLE registrations;
DROP TABLE event_names;
DROP TABLE event_batches;
DROP TABLE event_streams;
