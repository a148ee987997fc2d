package session

// ShapeTemplate is a file for ReadShape that has all that a shape can say, with comments. The curve bfcm2022 has what its factors match, and
// messages for its steps from some 20,000 on.
func ShapeTemplate() string {
	return `# What reprise replay --shape FILE plays, and when. Keep what you need: steps, cap and factors may each be left out.
# Steps alone can be written in a line: --shape '20k at 2x; peak: ramp 5m to 4x; hold 10m'

# Steps are played one after another, and each goes on in the recording where the last ended. After the last the run ends.
# A step is as long as it says, in the run's own time (90s, 5m, 1h30m), or until it has sent so many messages (500, 20k).
steps:
  - 5m at 1x                  # 1x is the recorded tempo, 2x twice as fast. --time-scale is the tempo before the first step
  - 2k at 2x                  # 2,000 messages, after filters and volume
  - sale: ramp 5m to 4x       # the tempo grows evenly from that of the step before; sale is the step's name in reports and --expect
  - hold 10m                  # the tempo that was reached
  - name: doubled             # the same as "doubled: 5m at volume 2"
    step: 5m at volume 2      # twice the messages in the same time, the extra ones from new people, at the tempo that was reached
  - ramp 5m to volume 1
  - 1m at 50/s                # the recorded gaps, scaled alike so that the step's mean is 50 requests a second
  - ramp 1m to 20/s
# A search for the highest tempo that holds is the only step: - double every 20s until

# No second is planned with more. What is above comes later, and nothing is dropped. The same as --max-rate.
cap: 500/s

# Factors multiply the volume of the messages that they match: those that have all that one names. Each attribute may be a list. Factors
# multiply one another, and two of the same attributes must not overlap. One that matches no message of what is played is refused: keep those
# whose hours, days and kinds your recording has, which the refusal names. Hours, days and times are those of the recording, by --tz.
factors:
  - {hour: 9..17, volume: 1.5}                 # from 9:00 to 17:59
  - {hour: [22..23, 0], volume: 0.5}
  - {weekday: friday, volume: 2}
  - {weekday: sat..sun, volume: 0.3}
  - {kind: [unsubscribe, help], volume: 3}
# - {recipient: "+18885550100", volume: 2}     # a number of the platform's, as the corpus has it
  - {kind: subscribe, hour: 12, volume: 0}     # 0 leaves them out
  - {from: 2022-11-25T14:00:00Z, to: 2022-11-25 18:00, volume: 2}
  - {from: 50h, to: 52h, volume: 2}            # since the first message that is played
`
}
