@core @http @command-line
Feature: Discount codes
  A learner enters a code. Each line takes the one discount that leaves the least to pay.

  Rule: A discount is a percentage, an amount or a fixed price, rounded half up to the cent

    @DIS-01
    Scenario Outline: Each kind of discount gives its exact price
      Given the shop sells the course run "6.86x-1T2027" for $<price>
      And the code "SPRING" gives <discount>
      When Ada adds "6.86x-1T2027" to her basket
      And Ada enters the code "spring"
      Then the total of Ada's basket is $<due>

      Examples:
        | price | discount              | due   |
        | 39.33 | 25 percent off        | 29.50 |
        | 19.99 | 33 percent off        | 13.39 |
        | 10.05 | 50 percent off        | 5.02  |
        | 9.99  | 10 dollars off        | 0.00  |
        | 10.01 | 10 dollars off        | 0.01  |
        | 39.33 | a price of 39.32    | 39.32 |
        | 39.33 | a price of 0        | 0.00  |

    @DIS-02
    Scenario: A fixed price above the list price is refused
      Given the shop sells the course run "6.86x-1T2027" for $39.33
      And the code "FLAT" gives a price of 42
      When Ada adds "6.86x-1T2027" to her basket
      And Ada enters the code "FLAT"
      Then the shop refuses with the message "takes nothing off the products in your basket"
      And the total of Ada's basket is $39.33

  Rule: Discounts do not add up

    @DIS-03
    Scenario: Of two codes, the better one applies
      Given the shop sells the course run "6.86x-1T2027" for $39.33
      And the code "SPRING" gives 25 percent off
      And the code "TEN" gives 10 dollars off
      When Ada adds "6.86x-1T2027" to her basket
      And Ada enters the code "SPRING"
      And Ada enters the code "TEN"
      Then the total of Ada's basket is $29.33

    @DIS-04
    Scenario: Each line shows the code that applies and why the other does not
      Given the shop sells the course run "14.310x-1T2027" for $199.99
      And the shop sells the course run "6.86x-1T2027" for $39.33
      And the code "TWENTY" gives 20 dollars off
      And the code "SPRING" gives 25 percent off
      When Ada adds "14.310x-1T2027" to her basket
      And Ada adds "6.86x-1T2027" to her basket
      And Ada follows a link with the codes "TWENTY" and "SPRING"
      Then Ada's price for "14.310x-1T2027" is $149.99
      And Ada's price for "6.86x-1T2027" is $19.33
      And Ada's basket shows the message "SPRING leaves less to pay"
      And Ada's basket shows the message "TWENTY leaves less to pay"

  Rule: A discount applies to its products only

    @DIS-05
    Scenario: A program's discount applies to the runs of its courses
      Given the shop sells the course run "14.310x-1T2027" for $199.99
      And the shop sells the course run "6.86x-1T2027" for $39.33
      And the shop sells the program "DEDP" with the course "14.310x" for $1350.00
      And the code "DEDP10" gives 10 dollars off "DEDP"
      When Ada adds "14.310x-1T2027" to her basket
      And Ada adds "6.86x-1T2027" to her basket
      And Ada enters the code "DEDP10"
      Then Ada's price for "14.310x-1T2027" is $189.99
      And Ada's price for "6.86x-1T2027" is $39.33

    @DIS-06
    Scenario: A code for other products is refused
      Given the shop sells the course run "14.310x-1T2027" for $199.99
      And the shop sells the course run "6.86x-1T2027" for $39.33
      And the code "OTHER" gives 10 dollars off "14.310x-1T2027"
      When Ada adds "6.86x-1T2027" to her basket
      And Ada enters the code "OTHER"
      Then the shop refuses with the message "is not for the products in your basket"

  Rule: A code is valid from its activation until its expiry

    @DIS-07
    Scenario: An expired code says when it expired
      Given the shop sells the course run "6.86x-1T2027" for $39.33
      And the code "SPRING" gives 25 percent off, valid for 1 hour
      When Ada adds "6.86x-1T2027" to her basket
      And Ada enters the code "SPRING"
      Then the total of Ada's basket is $29.50
      When 60 minutes pass
      Then the total of Ada's basket is $39.33
      And Ada's basket shows the message "expired on 22 November 2026, 13:00 UTC"

    @DIS-41
    Scenario: A code that is not active yet says from when it can be used
      Given the shop sells the course run "6.86x-1T2027" for $39.33
      When staff create the discount "SUMMER" of 25 percent, active from 60 minutes from now
      And Ada adds "6.86x-1T2027" to her basket
      And Ada enters the code "SUMMER"
      Then the shop refuses with the message "can be used from 22 November 2026, 13:00 UTC"
      When 60 minutes pass
      And Ada enters the code "SUMMER"
      Then the total of Ada's basket is $29.50

  Rule: An unknown code and another learner's code get the same answer

    @DIS-08
    Scenario: An unknown code is refused
      Given the shop sells the course run "6.86x-1T2027" for $39.33
      When Ada enters the code "WINTER"
      Then the shop refuses with the message "There is no code"

    @DIS-09
    Scenario: Another learner's code is refused like an unknown one
      Given the shop sells the course run "6.86x-1T2027" for $39.33
      And the discount "BOB-7" of 100 percent is assigned to Bob
      When Ada adds "6.86x-1T2027" to her basket
      And Ada enters the code "BOB-7"
      Then the shop refuses with the message "There is no code"
      And the total of Ada's basket is $39.33

  Rule: A link can carry codes into the basket

    @DIS-10
    Scenario: The better code of a link applies
      Given the shop sells the course run "6.86x-1T2027" for $39.33
      And the code "SPRING" gives 25 percent off
      And the code "TEN" gives 10 dollars off
      When Ada adds "6.86x-1T2027" to her basket
      And Ada follows a link with the codes "SPRING" and "TEN"
      Then the total of Ada's basket is $29.33

  Rule: A code is found however it is typed

    @DIS-42
    Scenario Outline: Case and surrounding spaces do not matter
      Given the shop sells the course run "6.86x-1T2027" for $39.33
      And the code "SPRING" gives 25 percent off
      When Ada adds "6.86x-1T2027" to her basket
      And Ada enters the code "  <typed> "
      Then the total of Ada's basket is $29.50

      Examples:
        | typed    |
        | spring   |
        | sPrInG   |

  Rule: Financial assistance is never a code

    @DIS-43
    Scenario: A code for financial assistance cannot be created
      Given the shop sells the course run "6.86x-1T2027" for $39.33
      When staff create the discount "AID" of 50 percent, as financial assistance
      Then staff are refused with the message "is financial assistance, which is never typed"
      When Ada adds "6.86x-1T2027" to her basket
      And Ada enters the code "AID"
      Then the shop refuses with the message "There is no code"
