@core @http @command-line
Feature: Discount codes in bulk
  Staff generate, import, assign and expire codes by the batch: all of them or none.

  Background:
    Given the shop sells the course run "6.86x-1T2027" for $39.33

  Rule: A batch of codes is generated once

    @DIS-23
    Scenario: Each code of a batch can be used
      When staff generate 20 single-use codes with the prefix "FAIR" for 25 percent off in the batch "flyers"
      And Ada adds "6.86x-1T2027" to her basket
      And Ada enters the first code of the batch "flyers"
      Then the total of Ada's basket is $29.50
      And the batch "flyers" has 20 usable codes

    @DIS-24
    Scenario: A batch name is used once
      When staff generate 5 single-use codes with the prefix "FAIR" for 25 percent off in the batch "flyers"
      And staff generate 5 single-use codes with the prefix "FAIR" for 25 percent off in the batch "flyers"
      Then staff are refused with the message "There is a batch "flyers" already"
      And the batch "flyers" has 5 usable codes

  Rule: Staff expire and extend codes by batch or prefix

    @DIS-25
    Scenario: An expired batch is refused until it is extended
      When staff generate 5 single-use codes with the prefix "FAIR" for 25 percent off in the batch "flyers"
      And staff expire the batch "flyers"
      And Ada adds "6.86x-1T2027" to her basket
      And Ada enters the first code of the batch "flyers"
      Then the shop refuses with the message "expired on"
      And the batch "flyers" has 0 usable codes
      When staff extend the batch "flyers" by 30 days
      And Ada enters the first code of the batch "flyers"
      Then the total of Ada's basket is $29.50
      And the audit log of the first code of the batch "flyers" shows
        | who | what                                                           |
        | eve | extended until 22 December 2026, 12:00 UTC: 5 of 5              |
        | eve | ended 22 November 2026, 12:00 UTC: 5 of 5                       |
        | eve | generated 5 codes: 25 % off                                     |

    @DIS-26
    Scenario: A preview changes nothing
      When staff generate 5 single-use codes with the prefix "FAIR" for 25 percent off in the batch "flyers"
      And staff preview expiring the batch "flyers"
      Then staff read "Would end 5 discounts of 5 selected"
      And the batch "flyers" has 5 usable codes

    @DIS-27
    Scenario: A prefix matches its letters literally
      Given the code "SPRING_1" gives 25 percent off
      And the code "SPRINGX1" gives 25 percent off
      When staff expire the codes that begin with "SPRING_"
      And Ada adds "6.86x-1T2027" to her basket
      And Ada enters the code "SPRINGX1"
      Then the total of Ada's basket is $29.50
      When Ada enters the code "SPRING_1"
      Then the shop refuses with the message "expired on"

    @DIS-28
    Scenario: Expiring a code does not change a placed order
      When staff generate 1 single-use codes with the prefix "FAIR" for 25 percent off in the batch "flyers"
      And Ada adds "6.86x-1T2027" to her basket
      And Ada enters the first code of the batch "flyers"
      And Ada checks out
      And staff expire the batch "flyers"
      Then Ada's order costs $29.50

  Rule: A file of codes is imported completely or not at all

    @DIS-29
    Scenario: Importing the same file a second time changes nothing
      When staff import the discounts
        | code   | kind        | amount | batch  |
        | FAIR-1 | percent-off | 25     | flyers |
        | FAIR-2 | dollars-off | 10     | flyers |
      And staff import the discounts
        | code   | kind        | amount | batch  |
        | FAIR-1 | percent-off | 25     | flyers |
        | FAIR-2 | dollars-off | 10     | flyers |
      Then staff read "Added 0 discounts, unchanged 2"
      And the batch "flyers" has 2 usable codes

    @DIS-30
    Scenario: One mistake in the file imports nothing
      When staff import the discounts
        | code   | kind        | amount | batch  |
        | FAIR-1 | percent-off | 25     | flyers |
        | FAIR-2 | percent-off | 101    | flyers |
      Then staff are refused with the message "line 3"
      And the batch "flyers" has 0 usable codes

  Rule: A discount can be assigned by email address before the learner's first visit

    @DIS-31
    Scenario: An assigned discount waits for the owner of the address
      When staff import the discounts
        | code   | kind        | amount | source   | batch |
        | GIFT-1 | percent-off | 100    | assigned | gifts |
      And staff assign the batch "gifts" to "Zoe@Example.ORG"
      And Zoe adds "6.86x-1T2027" to her basket
      And Ada adds "6.86x-1T2027" to her basket
      Then the total of Zoe's basket is $0.00
      And the total of Ada's basket is $39.33
      When Ada enters the code "GIFT-1"
      Then the shop refuses with the message "There is no code"

  Rule: Staff see why a code is refused and who used it

    @DIS-32
    Scenario: The diagnosis names each condition
      Given the code "ONCE" gives 25 percent off, usable once
      When Ada adds "6.86x-1T2027" to her basket
      And Ada enters the code "ONCE"
      And Ada checks out
      And staff diagnose the code "ONCE" for "6.86x-1T2027"
      Then staff read "no         uses: used 1 of 1 times"
      And staff read "ok         takes something off: $9.83 of $39.33"

    @DIS-33
    Scenario: The redemptions and the report show what a code gave away
      Given the code "SPRING" gives 25 percent off
      When Ada adds "6.86x-1T2027" to her basket
      And Ada enters the code "SPRING"
      And Ada checks out
      And Ada pays with a valid card
      And 1 minute passes
      And staff list the redemptions of the code "SPRING"
      Then staff read "redeemed"
      When staff run the discount report
      Then staff read "1       $9.83  $29.50"
