@staff
Feature: Many discount codes at once
  Staff make, move, end and hand out codes by the batch: all of it, or nothing.

  Background:
    Given the shop sells the run "6.86x-1T2027" for $39.33

  Scenario: A batch of codes for a fair
    When staff make 20 codes "FAIR" of 25 percent, once each, as the batch "flyers"
    And ada puts "6.86x-1T2027" in her basket
    And ada enters the first code of the batch "flyers"
    Then ada's basket costs $29.50
    And the batch "flyers" has 20 codes that can be used

  Scenario: A batch is made once, however often it is asked for
    When staff make 5 codes "FAIR" of 25 percent, once each, as the batch "flyers"
    And staff make 5 codes "FAIR" of 25 percent, once each, as the batch "flyers"
    Then staff are refused, because "There is a batch "flyers" already"
    And the batch "flyers" has 5 codes that can be used

  Scenario: A batch is ended, and extended again
    When staff make 5 codes "FAIR" of 25 percent, once each, as the batch "flyers"
    And staff end the batch "flyers"
    And ada puts "6.86x-1T2027" in her basket
    And ada enters the first code of the batch "flyers"
    Then the shop refuses, because "expired on"
    And the batch "flyers" has 0 codes that can be used
    When staff extend the batch "flyers" by 30 days
    And ada enters the first code of the batch "flyers"
    Then ada's basket costs $29.50
    And the journal of the first code of the batch "flyers" says
      | who | what                                                           |
      | eve | extended until 22 December 2026, 12:00 UTC: 5 of 5              |
      | eve | ended 22 November 2026, 12:00 UTC: 5 of 5                       |
      | eve | generated 5 codes: 25 % off                                     |

  Scenario: A trial says what would be done, and does nothing
    When staff make 5 codes "FAIR" of 25 percent, once each, as the batch "flyers"
    And staff try what ending the batch "flyers" would do
    Then staff are told "Would end 5 discounts of 5 selected"
    And the batch "flyers" has 5 codes that can be used

  Scenario: A prefix means what it says
    Given the code "SPRING_1" takes 25 percent off
    And the code "SPRINGX1" takes 25 percent off
    When staff end the codes that begin with "SPRING_"
    And ada puts "6.86x-1T2027" in her basket
    And ada enters the code "SPRINGX1"
    Then ada's basket costs $29.50
    When ada enters the code "SPRING_1"
    Then the shop refuses, because "expired on"

  Scenario: What was sold stays as it was sold when its code is ended
    When staff make 1 codes "FAIR" of 25 percent, once each, as the batch "flyers"
    And ada puts "6.86x-1T2027" in her basket
    And ada enters the first code of the batch "flyers"
    And ada checks out
    And staff end the batch "flyers"
    Then ada's order costs $29.50

  Scenario: Codes from a file, twice
    When staff import the discounts
      | code   | kind        | amount | batch  |
      | FAIR-1 | percent-off | 25     | flyers |
      | FAIR-2 | dollars-off | 10     | flyers |
    And staff import the discounts
      | code   | kind        | amount | batch  |
      | FAIR-1 | percent-off | 25     | flyers |
      | FAIR-2 | dollars-off | 10     | flyers |
    Then staff are told "Added 0 discounts, unchanged 2"
    And the batch "flyers" has 2 codes that can be used

  Scenario: One wrong line, and nothing of the file is kept
    When staff import the discounts
      | code   | kind        | amount | batch  |
      | FAIR-1 | percent-off | 25     | flyers |
      | FAIR-2 | percent-off | 101    | flyers |
    Then staff are refused, because "line 3"
    And the batch "flyers" has 0 codes that can be used

  Scenario: A discount waits for a learner who has never been here
    When staff import the discounts
      | code   | kind        | amount | source   | batch |
      | GIFT-1 | percent-off | 100    | assigned | gifts |
    And staff let "Zoe@Example.ORG" have the batch "gifts"
    And zoe puts "6.86x-1T2027" in her basket
    And ada puts "6.86x-1T2027" in her basket
    Then zoe's basket costs $0.00
    And ada's basket costs $39.33
    When ada enters the code "GIFT-1"
    Then the shop refuses, because "There is no code"

  Scenario: Why a code is not taken
    Given the code "ONCE" takes 25 percent off once
    When ada puts "6.86x-1T2027" in her basket
    And ada enters the code "ONCE"
    And ada checks out
    And staff check the code "ONCE" for "6.86x-1T2027"
    Then staff are told "no         uses: used 1 of 1 times"
    And staff are told "ok         takes something off: $9.83 of $39.33"

  Scenario: Who used a code, and what it gave away
    Given the code "SPRING" takes 25 percent off
    When ada puts "6.86x-1T2027" in her basket
    And ada enters the code "SPRING"
    And ada checks out
    And ada pays by a good card
    And 1 minute passes
    And staff ask who used the code "SPRING"
    Then staff are told "redeemed"
    When staff add up what discounts gave away
    Then staff are told "1       $9.83  $29.50"
